package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"roundtable/internal/fault"
)

// recorder passes an answer on and remembers how it went, for the log.
type recorder struct {
	http.ResponseWriter
	status int
	size   int64
}

// WriteHeader sends the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write sends a part of the answer.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.size += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) sent() bool { return w.status != 0 }

// log writes the line of a request: what was asked for by the name of its route,
// never by its address, and how it went.
func (a *ask) log() {
	level := slog.LevelInfo
	if a.w.status >= 500 && !a.isGone() {
		level = slog.LevelError
	}
	a.site.Log.LogAttrs(context.WithoutCancel(a.r.Context()), level, "request",
		slog.String("number", a.number),
		slog.String("method", method(a.r.Method)),
		slog.String("route", a.routeName()),
		slog.Int("status", a.w.status),
		slog.Int64("bytes", a.w.size),
		slog.Duration("took", a.site.Now().Sub(a.began)),
	)
}

// cause writes down why something went wrong, for whoever looks after the server.
// What people mistype is not worth a line, nor is what was left off since whoever asked
// went away.
func (a *ask) cause(err error, status int) {
	if status < 500 || a.isGone() && errors.Is(err, context.Canceled) {
		return
	}
	a.site.Log.Error("request failed", "number", a.number, "route", a.routeName(), "err", causeOf(err))
}

// isGone reports whether whoever asked has gone away, as when a page is left before it
// has come.
func (a *ask) isGone() bool { return errors.Is(a.r.Context().Err(), context.Canceled) }

// causeOf is what of an error may stand in the log: the fault's own text if it is
// one, which has no words for people.
func causeOf(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Error()
	}
	return err.Error()
}

func (a *ask) routeName() string {
	if a.route == nil {
		return "none"
	}
	return a.route.path
}

// method returns a method that HTTP has, and "other" for what else is sent.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return m
	}
	return "other"
}

// neverLogged are names of attributes that may not reach a log from here, whoever
// wrote the line.
var neverLogged = []string{
	"ip", "addr", "address", "remote", "agent", "user_agent", "query", "url", "uri", "path", "referer", "referrer",
	"cookie", "token", "code", "pin", "password", "secret", "form", "body", "value", "name", "mail", "next",
}

// redacting passes lines on without the attributes that no log of ours has.
type redacting struct{ slog.Handler }

func redact(h slog.Handler) slog.Handler { return redacting{h} }

// Handle passes on a line.
func (h redacting) Handle(ctx context.Context, line slog.Record) error {
	clean := slog.NewRecord(line.Time, line.Level, line.Message, line.PC)
	line.Attrs(func(at slog.Attr) bool {
		clean.AddAttrs(redactAttr(at))
		return true
	})
	return h.Handler.Handle(ctx, clean)
}

// WithAttrs returns a handler whose lines all have the attributes.
func (h redacting) WithAttrs(list []slog.Attr) slog.Handler {
	clean := make([]slog.Attr, len(list))
	for i, at := range list {
		clean[i] = redactAttr(at)
	}
	return redacting{h.Handler.WithAttrs(clean)}
}

// WithGroup returns a handler whose lines have their attributes in a group.
func (h redacting) WithGroup(name string) slog.Handler {
	return redacting{h.Handler.WithGroup(name)}
}

func redactAttr(at slog.Attr) slog.Attr {
	at.Value = at.Value.Resolve()
	if at.Value.Kind() == slog.KindGroup {
		var inner []slog.Attr
		for _, member := range at.Value.Group() {
			inner = append(inner, redactAttr(member))
		}
		return slog.Attr{Key: at.Key, Value: slog.GroupValue(inner...)}
	}
	for _, never := range neverLogged {
		if strings.EqualFold(at.Key, never) {
			return slog.String(at.Key, "[left out]")
		}
	}
	return at
}

// connections passes on what net/http says of connections without what follows the
// first colon or the first address in it: "http: TLS handshake error".
type connections struct{ slog.Handler }

// Handle passes on a line, cut.
func (h connections) Handle(ctx context.Context, line slog.Record) error {
	text := line.Message
	if at := strings.Index(text, " from "); at >= 0 {
		text = text[:at]
	}
	words := strings.Fields(text)
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789[") {
			words = words[:i]
			break
		}
	}
	return h.Handler.Handle(ctx, slog.NewRecord(line.Time, line.Level, strings.Join(words, " "), line.PC))
}

// WithAttrs is as of the handler within.
func (h connections) WithAttrs(list []slog.Attr) slog.Handler {
	return connections{h.Handler.WithAttrs(list)}
}

// WithGroup is as of the handler within.
func (h connections) WithGroup(name string) slog.Handler {
	return connections{h.Handler.WithGroup(name)}
}

package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/live"
	"roundtable/internal/signin"
)

// The topics that an open page can listen to.
const (
	topicCases  = "cases"
	topicPeople = "people"
	topicPlaces = "places"
)

// serveEvents tells an open page that something has changed, and never what: it then
// fetches itself again, through the same gate as the first time.
//
//	/events?after=MARK            the desk and the lists
//	/events?after=MARK&case=ID    one case, for whoever may follow it
//	/events?after=MARK&now=all    what happens at every library that somebody looks after
//
// After is the mark that the page was made with; a browser that comes back by itself
// says in Last-Event-ID what it heard last. Every beatTime a comment is sent, and it
// is looked at whether whoever listens is still who they were: it ends when the
// session locks or the device is revoked.
func serveEvents(ctx context.Context, a *ask) error {
	topics, err := a.topics(ctx)
	if err != nil {
		return err
	}
	after := a.r.Header.Get("Last-Event-ID")
	if after == "" {
		after = a.query("after")
	}
	ctx, cancel := context.WithTimeout(ctx, eventTime)
	defer cancel()
	listener, err := a.app().Live().Subscribe(ctx, live.Request{Owner: a.owner(), After: after, Topics: topics})
	if err != nil {
		return err
	}
	defer listener.Close()
	stream := http.NewResponseController(a.w)
	if err := stream.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	if err := stream.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	a.w.Header().Set("Content-Type", "text/event-stream")
	a.w.Header().Set("X-Accel-Buffering", "no") // a proxy passes each line on at once
	a.w.WriteHeader(http.StatusOK)
	a.stream(ctx, stream, listener)
	return nil
}

// stream sends signals until whoever listens goes away, or is no longer let in.
func (a *ask) stream(ctx context.Context, stream *http.ResponseController, listener *live.Listener) {
	beat := time.NewTicker(beatTime)
	defer beat.Stop()
	text := ": here\n\n"
	for {
		if _, err := fmt.Fprint(a.w, text); err != nil || stream.Flush() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case signal, open := <-listener.Signals():
			if !open {
				return
			}
			text = fmt.Sprintf("id: %s\nevent: changed\ndata: %d\n\n", signal.ID, signal.Number)
		case <-beat.C:
			text = ": here\n\n"
		}
		if !a.isStillIn(ctx) {
			return
		}
	}
}

// isStillIn reports whether whoever began to listen is still let in.
func (a *ask) isStillIn(ctx context.Context) bool {
	who, err := a.app().Resolve(ctx, sessionCookie.read(a.r, a.tls), deviceCookie.read(a.r, a.tls))
	if err != nil || who.Person != a.who.Person || who.Library != a.who.Library || (who.Device == nil) != (a.who.Device == nil) {
		return false
	}
	return a.who.Person == "" || who.State == signin.Live
}

// topics are what whoever asks may listen to.
func (a *ask) topics(ctx context.Context) ([]live.Topic, error) {
	if a.who.Library == "" {
		return nil, fault.Missing()
	}
	if a.query("now") != "" {
		return a.everywhere()
	}
	if a.query("case") == "" {
		return []live.Topic{{Library: a.who.Library, Name: topicCases}, {Library: a.who.Library, Name: topicPeople}, {Library: a.who.Library, Name: topicPlaces}}, nil
	}
	id, err := idLike(app.CaseLine{}.ID, a.query("case"))
	if err != nil {
		return nil, err
	}
	if _, err := a.app().ReadWalk(ctx, a.who, id, ""); err != nil {
		return nil, err
	}
	return []live.Topic{{Library: a.who.Library, Name: string(id)}}, nil
}

// everywhere is what happens at every library at which whoever asks may see it.
func (a *ask) everywhere() (list []live.Topic, err error) {
	for _, library := range a.app().HappeningLibraries(a.who) {
		list = append(list, live.Topic{Library: library, Name: topicCases})
	}
	if len(list) == 0 {
		return nil, fault.Missing()
	}
	return list[:min(len(list), live.MaxTopics)], nil
}

// owner stands for whose listeners are counted together.
func (a *ask) owner() string {
	if a.who.Session.ID != "" {
		return "session " + string(a.who.Session.ID)
	}
	return "device " + string(a.who.Device.ID)
}

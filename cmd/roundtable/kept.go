package main

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// keptText undoes what a mail was wrapped in for its way, so that a checkpoint in it
// stands there as it was signed: a saved mail, a file of several mails (mbox), or a
// mail that was forwarded whole. The text as it is stays beside that, since a file
// may look like a mail and be none.
func keptText(text []byte) []byte {
	all := bytes.NewBuffer(bytes.Clone(text))
	for _, one := range mailsIn(text) {
		m, err := mail.ReadMessage(bytes.NewReader(one))
		if err != nil {
			continue
		}
		all.WriteString("\n\n")
		unwrap(all, textproto.MIMEHeader(m.Header), m.Body, 0)
	}
	return all.Bytes()
}

// mailsIn splits a file of several mails, each of which begins with a line "From ".
func mailsIn(text []byte) (list [][]byte) {
	if !bytes.HasPrefix(text, []byte("From ")) {
		return [][]byte{text}
	}
	begin := -1
	for at := 0; at < len(text); {
		end := bytes.IndexByte(text[at:], '\n')
		next := len(text)
		if end >= 0 {
			next = at + end + 1
		}
		if bytes.HasPrefix(text[at:], []byte("From ")) {
			if begin >= 0 {
				list = append(list, text[begin:at])
			}
			begin = next
		}
		at = next
	}
	return append(list, text[begin:])
}

// maxParts bounds how deep mails lie in mails.
const maxParts = 8

// unwrap writes what is plain text in a mail or a part of one. What it cannot read it
// leaves out.
func unwrap(out *bytes.Buffer, header textproto.MIMEHeader, body io.Reader, depth int) {
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain"
	}
	switch strings.ToLower(strings.TrimSpace(header.Get("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	switch {
	case depth > maxParts:
	case strings.HasPrefix(kind, "multipart/"):
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return
			}
			unwrap(out, part.Header, part, depth+1)
		}
	case kind == "message/rfc822":
		if m, err := mail.ReadMessage(body); err == nil {
			unwrap(out, textproto.MIMEHeader(m.Header), m.Body, depth+1)
		}
	case kind == "text/plain":
		io.Copy(out, body) // as far as it can be read
		out.WriteByte('\n')
	}
}

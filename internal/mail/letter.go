package mail

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"roundtable/internal/notify"
	"roundtable/ledger"
)

// Letter is a message that is no alert: a link to an invitation, or a signed
// checkpoint of a log. Only Invitation and Checkpoint make one, so that there is no
// way to put other words into it.
type Letter struct{ subject, text string }

// IsZero reports whether l is no letter.
func (l Letter) IsZero() bool { return l == Letter{} }

// maxLink bounds an invitation's link, so that no program breaks it in two.
const maxLink = 400

var errInvitation = errors.New("mail: an invitation's link is the address of this installation and a token, and nothing else")

// Invitation is the letter with the link of an invitation. base is the address that
// people use for this installation, token what is behind /invite/ in the link, until
// the day on which it works for the last time.
func Invitation(base, token string, until time.Time) (Letter, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" ||
		u.ForceQuery || u.Opaque != "" || strings.Contains(base, "#") || !isToken(token) {
		return Letter{}, errInvitation
	}
	link := strings.TrimSuffix(u.String(), "/") + "/invite/" + token
	if len(link) > maxLink {
		return Letter{}, errInvitation
	}
	return Letter{
		subject: "Roundtable: your invitation",
		text: "You are invited to Roundtable, the guide of your library for hard moments.\n\n" +
			"Open this link and choose how you sign in. It works once, until " + until.Format("2 January 2006") + ".\n\n" +
			link + "\n\n" +
			"Whoever has the link can come in as you, so keep it to yourself. If you do not know why you got it, delete this message.",
	}, nil
}

// isToken reports whether text is a token of our own making: signs that stand in an
// address as they are.
func isToken(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	})
}

// Checkpoint is the letter with a signed checkpoint, for whoever keeps it elsewhere.
// It is made of what the key has signed and of nothing else.
func Checkpoint(signed []byte, key string) (Letter, error) {
	c, _, err := ledger.OpenCheckpoint(signed, key)
	if err != nil {
		return Letter{}, errors.New("mail: this is no checkpoint that the key has signed")
	}
	return Letter{
		subject: "Roundtable: checkpoint of the log, " + c.At.UTC().Format("2 January 2006"),
		text: "Keep this message. With it, anybody can find out later whether the log was cut back or written anew. It says nothing of what happened.\n\n" +
			"The public key of the log:\n" + strings.TrimSpace(key) + "\n\n" +
			"The checkpoint:\n\n" + string(signed) + "\n" +
			"To check, save this message as a file, have the log exported, and run:\nroundtable ledger verify LOG --key KEY --checkpoint FILE",
	}, nil
}

// SendLetter sends a letter once, as Send does an alert. The id is the same whenever
// the same letter is sent again; it says nothing of what is in it.
func (s *Sender) SendLetter(ctx context.Context, id string, to notify.Address, l Letter) (notify.Result, error) {
	if !isSendable(to.Reveal()) {
		return result(notify.Gone, "the address is no address")
	}
	if l.IsZero() || !isToken(id) {
		return result(notify.Declined, "there is no message")
	}
	m, err := s.write(id, to, notify.English, l.subject, l.text)
	if err != nil {
		return result(notify.Declined, "the message could not be written")
	}
	return s.send(ctx, m)
}

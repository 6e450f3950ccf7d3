package web

import (
	"fmt"
	"strings"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/live"
	"roundtable/internal/passkey"
	"roundtable/internal/provider"
	"roundtable/internal/signin"
	"roundtable/internal/walk"
)

// The limits of this package. Each stands in the table below with its reason; a
// test fails on one that does not.
const (
	headTime  = 10 * time.Second
	readTime  = 30 * time.Second
	writeTime = 60 * time.Second
	photoTime = 4 * time.Minute
	idleTime  = 2 * time.Minute
	closeTime = 20 * time.Second

	maxHead      = 32 << 10
	maxPath      = 512
	maxForm      = 256 << 10
	maxFields    = 400
	maxFieldName = 64
	maxField     = 20_000
	maxJSON      = passkey.MaxResponse
	maxSent      = 4 << 20
	maxPhotoForm = app.MaxPhotoSent + 1<<20

	pressTime    = 10 * time.Second
	maxPresses   = 2_000
	maxPressSize = 128 << 10
	maxPressed   = 16 << 20

	keptTime = 30 * time.Minute
	maxKept  = 500

	draftTime = time.Hour
	maxDrafts = 8

	beatTime  = 20 * time.Second
	eventTime = 15 * time.Minute

	deviceLife = 400 * 24 * time.Hour
	stepLife   = 30 * time.Minute

	certCheck = time.Minute
	nameTime  = 5 * time.Second
	readyTime = 5 * time.Second
)

// How often strangers may ask. What they try to get in with is counted apart, by
// package app.
var (
	strangersAsk  = signin.Limit{Name: "pages for strangers", Burst: 300, Every: 100 * time.Millisecond}
	strangersSend = signin.Limit{Name: "forms from strangers", Burst: 40, Every: 2 * time.Second}
)

// Limit is one row of the table of limits.
type Limit struct {
	What  string // what is bounded
	Value string // by how much, with its unit
	Why   string // the reason, one sentence
}

// Limits returns every limit that somebody who asks over the network can meet, with
// its reason. The code uses the same values.
func Limits() []Limit {
	return []Limit{
		{"Time to send the head of a request", span(headTime), "Whoever sends it letter by letter must not hold a connection."},
		{"Time to send a whole request", span(readTime), "A form on a slow phone fits; a connection that trickles does not."},
		{"Time to take an answer", span(writeTime), "A slow phone gets its page; nobody holds an answer for long. Live pages have no such limit."},
		{"Time that a connection may be idle", span(idleTime), "Browsers reuse connections; forgotten ones are closed."},
		{"Time to finish what is under way when the server stops", span(closeTime), "Longer than any act takes."},
		{"Head of a request", size(maxHead), "Cookies and addresses of ours are far smaller."},
		{"Path of an address", size(maxPath), "The longest of ours, with a code in it, is under 200."},
		{"Form", size(maxForm), "The longest statement that somebody types, ten times over."},
		{"Fields of a form", count(maxFields), "The longest form of ours has under 100."},
		{"What a page sends along that nobody types", size(maxFieldName), "Ids, numbers and names of ours are shorter."},
		{"What is typed in one field", count(maxField) + " characters", "About ten pages."},
		{"Line to the desk", count(walk.MaxLine) + " characters", "It is read at a glance, by somebody who is busy."},
		{"Lines that a desk sees at once", count(linesShown), "What it is asked to do now must stay in view; all of them are in the record."},
		{"What a browser sends about a passkey", size(maxJSON), "As much as package passkey reads."},
		{"What a device sends at once of what waited on it", size(maxSent), "The longest event of all, sealed and written as text."},
		{"Time to send a photo, or what waited on a device", span(photoTime), "A photo on a slow connection takes its time. Only for whoever is signed in, and for devices."},
		{"Form with a photo", size(maxPhotoForm), "A photo as phones take them, four times over."},
		{"Pixels of a photo that is sent", fmt.Sprintf("%d million", app.MaxPhotoPixels/1_000_000), "More than phones take. What says that it is larger is not decoded."},
		{"Longest side of a photo that is kept", count(app.PhotoSide) + " pixels", "Small print of a page can be read."},
		{"Photo that is kept", size(app.MaxPhotoKept), "What is larger is kept in a lower quality."},
		{"Photos of one case", count(app.MaxPhotos), "A longer paper is copied otherwise."},
		{"All photos of one case, sealed", size(app.MaxPhotoBytes), "So that no case fills the disk."},
		{"Events that a device sends at once", count(app.MaxWaiting), "Each is one act, and the page is not kept waiting. The device sends the rest afterwards."},
		{"Time in which the same press counts once", span(pressTime), "A double press or a reload comes within it; a second act on purpose comes later or says something else."},
		{"Presses that are remembered", count(maxPresses), "When there are more, the oldest is forgotten, and the act's own rules are what is left."},
		{"Answer to a press that is remembered", size(maxPressSize), "Redirects and pages of ours are smaller. A larger answer is not remembered."},
		{"All answers that are remembered", size(maxPressed), "So that memory is bounded."},
		{"Time that a form sent to a locked session is kept", span(keptTime), "Long enough to come back and unlock."},
		{"Forms sent to locked sessions that are kept", count(maxKept), "One for each session, the oldest goes first; sealed, in memory."},
		{"Time that a set-up under way is kept", span(draftTime), "Set-up takes five minutes; somebody may have to find a phone number."},
		{"Set-ups under way", count(maxDrafts), "Each has shown the code that the server printed."},
		{"Time between signs of life on a live page", span(beatTime), "Proxies close a connection that is silent for 30 seconds or more."},
		{"Time that one live connection lasts", span(eventTime), "Then the browser comes back by itself; who it is was looked at all along."},
		{"Life of a device's cookie", span(deviceLife), "The longest that browsers allow. The device is revoked at the server."},
		{"Life of a cookie between two steps of signing in or setting up", span(stepLife), "The server ends the step sooner."},
		{"Time between looks at the certificate's files", span(certCheck), "A renewed certificate is used within a minute, and no request waits for a disk."},
		{"Time that the list of our own names is trusted", span(nameTime), "A changed address works at once, and no request waits for the database."},
		{"Time for the answer of /health", span(readyTime), "Whoever asks gives up about then."},
		rate(strangersAsk, "A room of people behind one address gets its pages; a flood does not. Style and script are not counted."),
		rate(strangersSend, "A person needs a few forms to get in."),
		rate(signin.SignInFromPlace, "A library behind one address signs in in the morning; a list of passwords does not get far."),
		rate(signin.SignInToAccount, "Nobody mistypes more often; no account is ever locked by others."),
		rate(signin.CodeFromPlace, "Codes are typed from paper, a few at a time."),
		rate(signin.CodesInAll, "Codes cannot be guessed from many places at once either."),
		rate(signin.RecoveryOfAccount, "A recovery code has 60 bits or more, and the person has ten."),
		rate(signin.MailToAccount, "Nobody's mailbox is filled by others."),
		rate(app.RefusalsOfActor, "Each refusal is an entry of the log for good; nobody comes near it by mistake."),
		{"Places and accounts that are counted one by one", count(signin.MaxCounted), "So that memory is bounded; those that come late share one count."},
		{"Wrong tries to unlock a session", count(signin.MaxMissed), "Then it ends. A PIN of four digits can take no more."},
		{"Idle time until a session locks", span(signin.IdleTime), "What is open at a desk is not open for whoever passes by."},
		{"Length of a session", span(signin.SessionTime), "A working day."},
		{"Life of an invitation by mail", span(signin.LinkLife), "A week of holiday."},
		{"Life of an invitation on paper", span(signin.SlipLife), "Paper is handed over by hand."},
		{"Life of a code that enrols a device", span(signin.EnrolmentLife), "Both devices are at hand."},
		{"Life of a question put to a passkey", span(passkey.Life), "Somebody may have to look for a key."},
		{"Life of a sign-in at a provider", span(provider.Life), "Somebody may have to sign in there first."},
		{"Passkeys of one person", count(passkey.MaxPasskeys), "More than anybody carries."},
		{"Password", fmt.Sprintf("%d to %d characters", signin.MinPassword, signin.MaxPassword), "Length is what helps; hashing a book is what does not."},
		{"Live pages in one process", count(live.DefaultListeners), "Each takes little memory and one connection."},
		{"Live pages of one session or device", count(live.DefaultPerOwner), "Four windows of a browser that keeps six connections."},
		{"What a live page may leave lying", span(live.DefaultPatience), "Nobody waits for a slow listener; its browser comes back."},
	}
}

func rate(l signin.Limit, why string) Limit {
	return Limit{
		What:  strings.ToUpper(l.Name[:1]) + l.Name[1:],
		Value: fmt.Sprintf("%d at once, then one every %s", l.Burst, strings.TrimPrefix(span(l.Every), "1 ")),
		Why:   why,
	}
}

// span writes a time as people say it.
func span(d time.Duration) string {
	for _, unit := range []struct {
		size      time.Duration
		one, many string
	}{{24 * time.Hour, "day", "days"}, {time.Hour, "hour", "hours"}, {time.Minute, "minute", "minutes"}, {time.Second, "second", "seconds"}} {
		if d >= unit.size && d%unit.size == 0 {
			if n := d / unit.size; n != 1 {
				return fmt.Sprintf("%d %s", n, unit.many)
			}
			return "1 " + unit.one
		}
	}
	return fmt.Sprintf("%d milliseconds", d.Milliseconds())
}

func size(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

func count(n int) string { return fmt.Sprint(n) }

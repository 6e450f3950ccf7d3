package web

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtable/internal/app"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// What is known of alerts, in words. Ordered, sent, delivered, read and answered are
// facts of their own; what is not known is not said.

// roleInWords names a role within a sentence and without an article: "director".
func roleInWords(r people.Role, lang string) string {
	if words, ok := rolesWithin[baseLang(lang)]; ok {
		return words[r]
	}
	return rolesWithin["en"][r]
}

var rolesWithin = map[string]map[people.Role]string{
	"en": {
		people.Desk: "desk", people.InCharge: "person in charge", people.Director: "director", people.Counsel: "counsel",
		people.SafetyLead: "safety lead", people.Trainer: "trainer", people.RoomOfficer: "room officer",
	},
	"es": {
		people.Desk: "mostrador", people.InCharge: "a cargo", people.Director: "dirección", people.Counsel: "asesoría jurídica",
		people.SafetyLead: "protección", people.Trainer: "formación", people.RoomOfficer: "salones",
	},
}

func baseLang(lang string) string {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	return base
}

// withRole is somebody with the role in which they act.
func withRole(name string, r people.Role, lang string) string {
	role := roleInWords(r, lang)
	switch {
	case name == "" && role == "":
		return "Somebody here"
	case name == "":
		return sentenceCase(notify.RoleWords(r, notify.Lang(baseLang(lang))))
	case role == "":
		return name
	}
	return name + ", " + role
}

func orSomebody(name string) string { return cmp.Or(name, "Somebody here") }

// caseAlerts are the alerts of a case. Whoever looks may not know of them: then there is
// nothing to say of them, not even that there are none.
func (a *ask) caseAlerts(ctx context.Context, of app.WalkView) (list []app.AlertView, may bool, err error) {
	list, err = a.app().CaseAlerts(ctx, a.who, of.Case)
	if may, err = mayFollow(err); err != nil || !may {
		return nil, false, err
	}
	return list, true, nil
}

// alertsAt tells who was told of a case.
func alertsAt(alerts []app.AlertView, zone *time.Location) (list []page.AlertAt) {
	for _, v := range alerts {
		at := alertAt(v, zone)
		if v.Mine {
			at.Href = "/alert/" + string(v.ID)
		}
		list = append(list, at)
	}
	return list
}

// fillAlerts fills in who was told of a case, and puts it into the log.
func (a *ask) fillAlerts(ctx context.Context, p *page.LiveCase, of app.WalkView, o app.Outside, zone *time.Location) error {
	alerts, _, err := a.caseAlerts(ctx, of)
	if err != nil {
		return err
	}
	p.Alerts = alertsAt(alerts, zone)
	p.Log = caseHistory(of, o, alerts, zone)
	p.Log = p.Log[:min(liveLogShown, len(p.Log))]
	if _, err := read(ctx, a); err == nil {
		p.LogHref = "/i/" + string(of.Case) + "/log"
	}
	return nil
}

// caseHistory is everything that is known of a case, the newest first: the walk's own
// events, and what became of its alerts.
func caseHistory(of app.WalkView, o app.Outside, alerts []app.AlertView, zone *time.Location) []page.LogLine {
	list := caseLinesWith(of, o, zone)
	for _, v := range alerts {
		for _, e := range v.Entries {
			if line, ok := alertLine(v, e, zone); ok {
				list = append(list, line)
			}
		}
	}
	slices.SortStableFunc(list, func(x, y page.LogLine) int { return x.At.Compare(y.At) })
	slices.Reverse(list)
	return list
}

// alertLine tells one event of an alert.
func alertLine(v app.AlertView, e app.AlertEntry, zone *time.Location) (page.LogLine, bool) {
	line := page.LogLine{At: e.At.In(zone), Icon: "bell", Who: e.Name}
	role := notify.RoleWords(cmp.Or(e.Role, v.Role), notify.English)
	who := cmp.Or(e.Name, role)
	switch e.Kind {
	case notify.Ordered:
		line.What, line.Text, line.Who = "Alert ordered", "To "+notify.RoleWords(v.Role, notify.English)+".", ""
	case notify.Sent, notify.Delayed, notify.Refused, notify.Delivered, notify.Failed:
		line.What, line.Text, line.Who = sentenceCase(channelWords(e.Channel)+" "+fateWords[e.Kind]), "To "+who+".", ""
	case notify.Read:
		line.Icon, line.What, line.Text, line.Who = "tick", "Read", "By "+who+".", ""
	case notify.Answered:
		line.Icon, line.What, line.Text, line.Who = "hand", "On it", sentenceCase(who)+".", ""
	case notify.NobodyIn:
		line.Icon, line.What, line.Text = "look", "Nobody to tell", sentenceCase(role)+" cannot be reached."
	case notify.Repeated:
		line.What, line.Text = "Sent again", "To "+role+"."
	case notify.Climbed:
		line.What, line.Text = "Next is told", sentenceCase(role)+"."
	case notify.Exhausted:
		line.Icon, line.What, line.Text = "look", "Nobody has answered", "The desk is asked to call."
	case notify.CalledOff:
		line.What, line.Text = "Alert called off", "Nobody is needed any more."
	default: // taking charge is told by the walk; the rest is the machinery's own
		return line, false
	}
	if e.Late > 0 {
		line.What += ", late"
	}
	return line, !e.Again
}

var fateWords = map[notify.Kind]string{
	notify.Queued: "is being sent", notify.Sent: "sent", notify.Delayed: "put off", notify.Refused: "refused", notify.Delivered: "arrived", notify.Failed: "did not arrive",
}

func channelWords(c notify.Channel) string {
	return map[notify.Channel]string{notify.Push: "push message", notify.SMS: "text message", notify.Mail: "e-mail"}[c]
}

// alertAt is an alert with everybody who was told, each with every fact.
func alertAt(v app.AlertView, zone *time.Location) page.AlertAt {
	p := page.AlertAt{Role: notify.RoleWords(v.Role, notify.English), Ordered: v.Ordered.In(zone)}
	for _, at := range v.Attempts {
		f := follower(&p, at)
		f.Facts = append(f.Facts, attemptFacts(at, zone)...)
	}
	for _, m := range v.Reads {
		f := markFollower(&p, m)
		f.In, f.Facts = true, append(f.Facts, page.Instant{Words: "Read", At: m.At.In(zone)})
	}
	if m := v.Answer; m != nil {
		f := markFollower(&p, *m)
		f.In, f.Facts = true, append(f.Facts, page.Instant{Words: "On it", At: m.At.In(zone)})
	}
	for i := range p.Followers {
		slices.SortStableFunc(p.Followers[i].Facts, func(x, y page.Instant) int { return x.At.Compare(y.At) })
	}
	p.Trouble, p.Next, p.Over = troubleOf(v), nextOf(v, zone), overOf(v, zone)
	return p
}

// follower is the row of whoever an attempt went to.
func follower(p *page.AlertAt, at app.AlertAttempt) *page.Follower {
	return rowOf(p, at.Person, at.Role, at.Mine)
}

func markFollower(p *page.AlertAt, m app.AlertMark) *page.Follower {
	return rowOf(p, m.Name, m.Role, m.Mine)
}

func rowOf(p *page.AlertAt, name string, r people.Role, mine bool) *page.Follower {
	row := page.Follower{Who: name, Role: roleInWords(r, "en"), You: mine}
	if name == "" {
		row.Who, row.Role = sentenceCase(notify.RoleWords(r, notify.English)), ""
	}
	i := slices.IndexFunc(p.Followers, func(f page.Follower) bool {
		return mine && f.You || f.Who == row.Who && (f.Role == row.Role || row.Role == "")
	})
	if i < 0 {
		i, p.Followers = len(p.Followers), append(p.Followers, row)
	}
	return &p.Followers[i]
}

// attemptFacts are the facts of one message, in the order of their times.
func attemptFacts(at app.AlertAttempt, zone *time.Location) (list []page.Instant) {
	name := sentenceCase(channelWords(at.Channel))
	for _, f := range []struct {
		kind notify.Kind
		at   time.Time
	}{{notify.Sent, at.Sent}, {notify.Delayed, at.Delayed}, {notify.Refused, at.Refused}, {notify.Delivered, at.Delivered}, {notify.Failed, at.Failed}} {
		if !f.at.IsZero() {
			bad := f.kind == notify.Refused || f.kind == notify.Failed || f.kind == notify.Delayed
			list = append(list, page.Instant{Words: name + " " + fateWords[f.kind], At: f.at.In(zone), Bad: bad})
		}
	}
	if len(list) == 0 && !at.Queued.IsZero() {
		list = append(list, page.Instant{Words: name + " " + fateWords[notify.Queued], At: at.Queued.In(zone)})
	}
	return list
}

func troubleOf(v app.AlertView) string {
	switch {
	case v.Over || v.Answer != nil:
		return ""
	case v.Resting || v.Unheard:
		return "Nobody has answered. The desk is asked to call."
	case len(v.Attempts) == 0 && nobodyIn(v):
		return "Nobody can be reached. The desk is asked to call."
	}
	return ""
}

func nobodyIn(v app.AlertView) bool {
	return slices.ContainsFunc(v.Entries, func(e app.AlertEntry) bool { return e.Kind == notify.NobodyIn })
}

// nextOf says what comes by itself if nothing happens, before it does.
func nextOf(v app.AlertView, zone *time.Location) string {
	switch {
	case v.Over || v.NextAt.IsZero() || v.Answer != nil:
		return ""
	case v.NextRole == "":
		return fmt.Sprintf("If nobody answers, the desk is asked to call at %s.", v.NextAt.In(zone).Format("15:04"))
	}
	return fmt.Sprintf("If nobody answers, %s is told at %s.", notify.RoleWords(v.NextRole, notify.English), v.NextAt.In(zone).Format("15:04"))
}

func overOf(v app.AlertView, zone *time.Location) string {
	switch {
	case !v.Over:
		return ""
	case v.End == notify.CalledOff:
		return "Called off: nobody is needed any more."
	case v.End == notify.TookOver && v.Charge != nil:
		return fmt.Sprintf("%s has taken charge, at %s.", orSomebody(v.Charge.Name), v.Charge.At.In(zone).Format("15:04"))
	}
	return "Answered. Nobody else is called."
}

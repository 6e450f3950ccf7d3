package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/notify"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// classNames are the kinds of situation, and severityNames how urgent one is.
var (
	classNames = map[notify.Class]string{
		notify.AnyClass: "Every situation", notify.Incident: "Incidents", notify.Abuse: "Suspected abuse",
		notify.Demand: "Demands for records", notify.Conduct: "Conduct and exclusions",
	}
	severityNames = map[notify.Severity]string{notify.AnySeverity: "", notify.Calm: "when it is calm", notify.Urgent: "when it is urgent"}
)

func ladderTitle(class notify.Class, severity notify.Severity) string {
	if severity == notify.AnySeverity {
		return classNames[class]
	}
	return classNames[class] + ", " + severityNames[severity]
}

// "any" stands in addresses for every class and every severity.
func orAny(text string) string {
	if text == "" {
		return "any"
	}
	return text
}

func unany(text string) string {
	if text == "any" {
		return ""
	}
	return text
}

func ladderHref(class notify.Class, severity notify.Severity) string {
	return "/manage/tree/ladders/" + orAny(string(class)) + "/" + orAny(string(severity))
}

func ladderItem(class notify.Class, severity notify.Severity) string {
	return itemLadder + orAny(string(class)) + ":" + orAny(string(severity))
}

func ladderCard(l app.PlanLadder, mayEdit bool) page.LadderCard {
	c := page.LadderCard{Title: ladderTitle(l.Class, l.Severity), Words: notify.Words(l.Ladder, notify.English), Own: l.Own}
	if mayEdit {
		c.Href = ladderHref(l.Class, l.Severity)
	}
	return c
}

// enterLadders asks whether somebody may change what is for all branches.
func (a *ask) enterLadders() error {
	s := access.Subject{Kind: access.Branch, Library: a.who.Library}
	return access.Check(a.actor(), access.EditPhoneTree, s, a.site.Now())
}

func showLadders(ctx context.Context, a *ask) error {
	if err := a.enterLadders(); err != nil {
		return err
	}
	d, err := a.app().DutyPlan(ctx, a.who, a.who.Library)
	if err != nil {
		return err
	}
	set := map[string]app.PlanLadder{}
	for _, l := range d.Ladders {
		set[ladderItem(l.Class, l.Severity)] = l
	}
	p := page.Ladders{}
	for _, class := range notify.Classes {
		g := page.LadderGroup{Name: classNames[class]}
		for _, severity := range notify.Severities {
			task := page.Task{Name: "Always", State: "Nothing of its own", Href: ladderHref(class, severity)}
			if severity != notify.AnySeverity {
				task.Name = sentenceCase(severityNames[severity])
			}
			if l, ok := set[ladderItem(class, severity)]; ok {
				task.State, task.Hint = "As it was at first", notify.Words(l.Ladder, notify.English)[0]
				if l.Own {
					task.State = "Set by your library"
				}
			}
			g.Ladders = append(g.Ladders, task)
		}
		p.Groups = append(p.Groups, g)
	}
	if p.Frame, err = a.frame(ctx); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// ladder is the one of the path.
func (a *ask) ladder(ctx context.Context) (app.PlanLadder, error) {
	if err := a.enterLadders(); err != nil {
		return app.PlanLadder{}, err
	}
	return a.app().Ladder(ctx, a.who, a.who.Library, notify.Class(unany(a.id("class"))), notify.Severity(unany(a.id("severity"))))
}

// spareRungs is how many empty steps a form has besides those that are there.
const spareRungs = 2

func showLadder(ctx context.Context, a *ask) error {
	l, err := a.ladder(ctx)
	if err != nil {
		return err
	}
	var p page.EditLadder
	p.Form.Pause = strconv.Itoa(int(l.Pause / time.Minute))
	for i, r := range l.Rungs {
		p.Form.Rungs = append(p.Form.Rungs, page.RungRow{
			Number: i + 1, Role: string(r.Role), Minutes: strconv.Itoa(int(r.Within / time.Minute)), Channels: channelList(r.Channels), Repeat: strconv.Itoa(r.Repeat),
		})
	}
	if err := a.fillLadder(ctx, &p, l); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillLadder(ctx context.Context, p *page.EditLadder, l app.PlanLadder) (err error) {
	p.Title, p.Words, p.Post = ladderTitle(l.Class, l.Severity), notify.Words(l.Ladder, notify.English), ladderHref(l.Class, l.Severity)
	p.Own, p.Usual, p.Item = l.Own, l.Usual, ladderItem(l.Class, l.Severity)
	for n := min(len(p.Form.Rungs)+spareRungs, notify.MaxRungs); len(p.Form.Rungs) < n; {
		p.Form.Rungs = append(p.Form.Rungs, page.RungRow{Number: len(p.Form.Rungs) + 1, Minutes: "5", Channels: channelList(notify.Channels), Repeat: "0"})
	}
	p.Form.Roles, p.Form.Channels, p.Form.Repeats = dutyRoleOptions("Nobody"), channelOptions(), repeatOptions()
	p.Frame, err = a.frame(ctx)
	return err
}

func repeatOptions() (list []page.Option) {
	for n := range notify.MaxRepeat + 1 {
		words := fmt.Sprintf("%d times", n)
		switch n {
		case 0:
			words = "Not again"
		case 1:
			words = "Once"
		}
		list = append(list, page.Option{Value: strconv.Itoa(n), Words: words})
	}
	return list
}

var channelNames = map[notify.Channel]string{notify.Push: "browser", notify.SMS: "text message", notify.Mail: "e-mail"}

func channelList(channels []notify.Channel) string {
	var parts []string
	for _, c := range channels {
		parts = append(parts, string(c))
	}
	return strings.Join(parts, ",")
}

// channelOptions are all orders in which channels can be tried, the whole ones first.
func channelOptions() (list []page.Option) {
	var add func(done, left []notify.Channel, size int)
	add = func(done, left []notify.Channel, size int) {
		if len(done) == size {
			var names []string
			for _, c := range done {
				names = append(names, channelNames[c])
			}
			list = append(list, page.Option{Value: channelList(done), Words: sentenceCase(strings.Join(names, ", then "))})
			return
		}
		for i, c := range left {
			rest := append(append([]notify.Channel{}, left[:i]...), left[i+1:]...)
			add(append(append([]notify.Channel{}, done...), c), rest, size)
		}
	}
	for size := len(notify.Channels); size > 0; size-- {
		add(nil, notify.Channels, size)
	}
	return list
}

func postLadder(ctx context.Context, a *ask) error {
	l, err := a.ladder(ctx)
	if err != nil {
		return err
	}
	var p page.EditLadder
	if err = a.read(&p.Form); err == nil {
		err = a.setLadder(ctx, l, &p.Form)
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillLadder(ctx, &p, l)
		return p, err
	}, "/manage/tree#ladders")
}

// setLadder reads the steps, leaving out those of nobody, and sets them. Problems are
// told at the steps as they were typed.
func (a *ask) setLadder(ctx context.Context, l app.PlanLadder, f *page.LadderForm) error {
	values, err := parseForm(string(a.body))
	if err != nil {
		return &refusal{notForm, err}
	}
	rule := notify.Rule{Class: l.Class, Severity: l.Severity}
	rule.Pause = minutesOf(f.Pause)
	var places []int // the row of each step
	for n := 1; n <= notify.MaxRungs; n++ {
		get := func(name string) string {
			text, _ := typed(name, values[fmt.Sprintf("%s-%d", name, n)])
			return text
		}
		row := page.RungRow{Number: n, Role: get("role"), Minutes: get("minutes"), Channels: get("channels"), Repeat: get("repeat")}
		f.Rungs = append(f.Rungs, row)
		if row.Role == "" {
			continue
		}
		repeat, err := strconv.Atoi(row.Repeat)
		if err != nil {
			repeat = -1
		}
		rung := notify.Rung{Role: people.Role(row.Role), Within: minutesOf(row.Minutes), Repeat: repeat}
		for c := range strings.SplitSeq(row.Channels, ",") {
			rung.Channels = append(rung.Channels, notify.Channel(c))
		}
		rule.Rungs = append(rule.Rungs, rung)
		places = append(places, n)
	}
	for len(f.Rungs) > 1 && f.Rungs[len(f.Rungs)-1].Role == "" {
		f.Rungs = f.Rungs[:len(f.Rungs)-1]
	}
	return atPlaces(a.app().SetLadder(ctx, a.who, a.who.Library, rule), places)
}

// minutesOf reads a number of minutes; what is none is 0, which no ladder takes.
func minutesOf(typed string) time.Duration {
	n, err := strconv.Atoi(typed)
	if err != nil || n < 0 || n > 100_000 {
		return 0
	}
	return time.Duration(n) * time.Minute
}

// atPlaces moves problems with steps to the rows in which they were typed.
func atPlaces(err error, places []int) error {
	problems := fault.FieldsOf(err)
	if problems == nil {
		return err
	}
	var f fault.Fields
	for _, p := range problems {
		name, number, ok := strings.Cut(p.Name, "-")
		if n, bad := strconv.Atoi(number); ok && bad == nil && n >= 1 && n <= len(places) {
			name += "-" + strconv.Itoa(places[n-1])
		} else if ok {
			name = p.Name
		}
		f.Add(name, p.Message)
	}
	return f.Err()
}

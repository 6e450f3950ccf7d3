package notify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"roundtable/internal/people"
)

// Stored forms are JSON. Of each value there is one form only, the one that
// Encode… writes: what is spelt in any other way (an unknown or a second key,
// another order, a space) is refused. So nothing rides along unseen, and the same
// value is the same bytes. Times are milliseconds since 1970.

// Limits on stored forms, in bytes.
const (
	maxPlanBytes   = 2 << 20
	maxLadderBytes = 64 << 10
	maxEventBytes  = 8 << 10
)

var errForm = errors.New("this is not the form in which it was written")

// EncodePlan writes a plan's stored form, without Reach.
func EncodePlan(p *Plan) ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return json.Marshal(p)
}

// ParsePlan reads what EncodePlan writes.
func ParsePlan(data []byte) (*Plan, error) {
	p := &Plan{}
	if err := parse(data, maxPlanBytes, p, func() ([]byte, error) { return EncodePlan(p) }); err != nil {
		return nil, fmt.Errorf("read duty plan: %w", err)
	}
	return p, nil
}

// EncodeRules writes the stored form of ladders.
func EncodeRules(rules []Rule) ([]byte, error) {
	if err := CheckRules(rules); err != nil {
		return nil, err
	}
	return json.Marshal(struct {
		Ladders []Rule `json:"ladders,omitempty"`
	}{rules})
}

// ParseRules reads what EncodeRules writes.
func ParseRules(data []byte) ([]Rule, error) {
	var in struct {
		Ladders []Rule `json:"ladders"`
	}
	if err := parse(data, maxLadderBytes, &in, func() ([]byte, error) { return EncodeRules(in.Ladders) }); err != nil {
		return nil, fmt.Errorf("read ladders: %w", err)
	}
	return in.Ladders, nil
}

// EncodeEvent writes an event's stored form.
func EncodeEvent(e Event) ([]byte, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	return json.Marshal(e)
}

// ParseEvent reads what EncodeEvent writes.
func ParseEvent(data []byte) (Event, error) {
	var e Event
	if err := parse(data, maxEventBytes, &e, func() ([]byte, error) { return EncodeEvent(e) }); err != nil {
		return Event{}, fmt.Errorf("read event of an alert: %w", err)
	}
	return e, nil
}

// parse reads data into out, and compares with what out is written as.
func parse(data []byte, most int, out any, encode func() ([]byte, error)) error {
	if len(data) > most {
		return errForm
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(out); err != nil {
		return errForm // the cause quotes what it read
	}
	again, err := encode()
	if err != nil {
		return err
	}
	if !bytes.Equal(again, data) {
		return errForm
	}
	return nil
}

var dayNames = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat", "holidays"}

// MarshalJSON writes the days as a list, Sunday first.
func (d Days) MarshalJSON() ([]byte, error) {
	list := []string{}
	for i, n := range dayNames {
		if d&(1<<i) != 0 {
			list = append(list, n)
		}
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Days) UnmarshalJSON(data []byte) error {
	var list []string
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*d = 0
	for i, n := range dayNames {
		for _, has := range list {
			if has == n {
				*d |= 1 << i
			}
		}
	}
	return nil
}

// stretch is the stored form of Away and Charge.
type stretch struct {
	Person people.Pseudonym `json:"person"`
	Role   people.Role      `json:"role,omitempty"`
	Branch people.BranchID  `json:"branch,omitempty"`
	From   int64            `json:"from"`
	Until  int64            `json:"until"`
}

// MarshalJSON writes the stored form.
func (a Away) MarshalJSON() ([]byte, error) {
	return json.Marshal(stretch{Person: a.Person, From: a.From.UnixMilli(), Until: a.Until.UnixMilli()})
}

// UnmarshalJSON reads the stored form.
func (a *Away) UnmarshalJSON(data []byte) error {
	var in stretch
	err := json.Unmarshal(data, &in)
	*a = Away{in.Person, at(in.From), at(in.Until)}
	return err
}

// MarshalJSON writes the stored form.
func (c Charge) MarshalJSON() ([]byte, error) {
	return json.Marshal(stretch{c.Person, c.Role, c.Branch, c.From.UnixMilli(), c.Until.UnixMilli()})
}

// UnmarshalJSON reads the stored form.
func (c *Charge) UnmarshalJSON(data []byte) error {
	var in stretch
	err := json.Unmarshal(data, &in)
	*c = Charge{in.Person, in.Role, in.Branch, at(in.From), at(in.Until)}
	return err
}

func at(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

type rungJSON struct {
	Role     people.Role `json:"role"`
	Minutes  int         `json:"minutes"`
	Channels []Channel   `json:"channels"`
	Repeat   int         `json:"repeat,omitempty"`
}

type ladderJSON struct {
	Rungs []rungJSON `json:"rungs"`
	Pause int        `json:"pause"` // minutes
}

type ruleJSON struct {
	Class    Class    `json:"class,omitempty"`
	Severity Severity `json:"severity,omitempty"`
	ladderJSON
}

func (l Ladder) out() ladderJSON {
	out := ladderJSON{Pause: int(l.Pause / time.Minute)}
	for _, r := range l.Rungs {
		out.Rungs = append(out.Rungs, rungJSON{r.Role, int(r.Within / time.Minute), r.Channels, r.Repeat})
	}
	return out
}

func (in ladderJSON) ladder() Ladder {
	l := Ladder{Pause: minutes(in.Pause)}
	for _, r := range in.Rungs {
		l.Rungs = append(l.Rungs, Rung{r.Role, minutes(r.Minutes), r.Channels, r.Repeat})
	}
	return l
}

// minutes keeps numbers that are out of reach from turning into some that are
// not.
func minutes(n int) time.Duration {
	if n < 0 || n > minutesOfDay {
		return -1
	}
	return time.Duration(n) * time.Minute
}

// MarshalJSON writes the stored form.
func (r Rule) MarshalJSON() ([]byte, error) {
	return json.Marshal(ruleJSON{r.Class, r.Severity, r.Ladder.out()})
}

// UnmarshalJSON reads the stored form.
func (r *Rule) UnmarshalJSON(data []byte) error {
	var in ruleJSON
	err := json.Unmarshal(data, &in)
	*r = Rule{in.Class, in.Severity, in.ladder()}
	return err
}

type eventJSON struct {
	Kind    Kind             `json:"kind"`
	At      int64            `json:"at"`
	Attempt AttemptID        `json:"attempt,omitempty"`
	Person  people.Pseudonym `json:"person,omitempty"`
	Channel Channel          `json:"channel,omitempty"`
	Place   Place            `json:"place,omitzero"`
	Order   *orderJSON       `json:"order,omitempty"`
}

type orderJSON struct {
	Alert   AlertID         `json:"alert"`
	Branch  people.BranchID `json:"branch"`
	Role    people.Role     `json:"role"`
	Purpose Purpose         `json:"purpose"`
	Ladder  ladderJSON      `json:"ladder"`
}

// MarshalJSON writes the stored form.
func (e Event) MarshalJSON() ([]byte, error) {
	out := eventJSON{e.Kind, e.At.UnixMilli(), e.Attempt, e.Person, e.Channel, e.Place, nil}
	if o := e.Order; o != nil {
		out.Order = &orderJSON{o.Alert, o.Branch, o.Role, o.Purpose, o.Ladder.out()}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the stored form.
func (e *Event) UnmarshalJSON(data []byte) error {
	var in eventJSON
	err := json.Unmarshal(data, &in)
	*e = Event{Kind: in.Kind, At: at(in.At), Attempt: in.Attempt, Person: in.Person, Channel: in.Channel, Place: in.Place}
	if o := in.Order; o != nil {
		e.Order = &Order{o.Alert, o.Branch, o.Role, o.Purpose, o.Ladder.ladder()}
	}
	return err
}

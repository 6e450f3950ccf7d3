package walk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// The JSON form of an event is what devices keep and send. It has the keys
// that its kind has and no others; a key that does not belong is refused, so
// that nothing can ride along in an event. Times are milliseconds since 1970.

type eventJSON struct {
	Seq      int      `json:"seq,omitempty"`
	ID       EventID  `json:"id"`
	Kind     Kind     `json:"kind"`
	Follows  EventID  `json:"follows,omitempty"`
	At       int64    `json:"at"`
	Received *int64   `json:"received,omitempty"`
	Device   DeviceID `json:"device,omitempty"`
	Who      string   `json:"who,omitempty"`

	Step    *int              `json:"step,omitempty"`
	Choice  *int              `json:"choice,omitempty"` // absent: Onward
	Item    *int              `json:"item,omitempty"`
	Undone  bool              `json:"undone,omitempty"`
	Field   string            `json:"field,omitempty"`
	Row     string            `json:"row,omitempty"`
	Value   *string           `json:"value,omitempty"`
	Role    string            `json:"role,omitempty"`
	Result  Result            `json:"result,omitempty"`
	To      string            `json:"to,omitempty"`
	Text    string            `json:"text,omitempty"`
	Sum     string            `json:"sum,omitempty"`
	Line    EventID           `json:"line,omitempty"`
	Sight   Sight             `json:"sight,omitempty"`
	Of      EventID           `json:"of,omitempty"`
	Outcome *int              `json:"outcome,omitempty"` // absent: Left
	Play    string            `json:"playbook,omitempty"`
	Program string            `json:"program,omitempty"`
	Lang    string            `json:"lang,omitempty"`
	Given   map[string]string `json:"given,omitempty"`
}

// MarshalJSON writes the event's JSON form. An event that Check refuses has none.
func (e Event) MarshalJSON() ([]byte, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	out := eventJSON{
		Seq: e.Seq, ID: e.ID, Kind: e.Kind, Follows: e.Follows, At: e.At.UnixMilli(), Device: e.Device, Who: e.Who,
		Undone: e.Undone, Field: e.Field, Row: e.Row, Role: e.Role, Result: e.Result, To: e.To, Text: e.Text, Sum: e.Sum, Line: e.Line, Sight: e.Sight, Of: e.Of,
		Play: e.Playbook, Program: e.Program, Lang: e.Lang, Given: e.Given,
	}
	if !e.Received.IsZero() {
		ms := e.Received.UnixMilli()
		out.Received = &ms
	}
	if slices.Contains(hasStep, e.Kind) {
		out.Step = &e.Step
	}
	switch {
	case e.Kind == Ticked || e.Kind == Said:
		out.Item = &e.Item
	case e.Kind == Recorded:
		out.Value = &e.Value
	case e.Kind == Chose && e.Choice != Onward:
		out.Choice = &e.Choice
	case e.Kind == Ended && e.Outcome != Left:
		out.Outcome = &e.Outcome
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads the JSON form and refuses what MarshalJSON would not
// have written.
func (e *Event) UnmarshalJSON(data []byte) error {
	var in eventJSON
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&in); err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	if in.At < 0 || in.At > latest.UnixMilli() || in.Received != nil && (*in.Received < 0 || *in.Received > latest.UnixMilli()) {
		return fmt.Errorf("read event: the event's time is missing or out of reach")
	}
	out := Event{
		Seq: in.Seq, ID: in.ID, Kind: in.Kind, Follows: in.Follows, At: time.UnixMilli(in.At).UTC(), Device: in.Device, Who: in.Who,
		Undone: in.Undone, Field: in.Field, Row: in.Row, Role: in.Role, Result: in.Result, To: in.To, Text: in.Text, Sum: in.Sum, Line: in.Line, Sight: in.Sight, Of: in.Of,
		Playbook: in.Play, Program: in.Program, Lang: in.Lang, Given: in.Given,
		Step: number(in.Step, 0), Item: number(in.Item, 0),
	}
	if in.Received != nil {
		out.Received = time.UnixMilli(*in.Received).UTC()
	}
	if in.Value != nil {
		out.Value = *in.Value
	}
	if in.Kind == Chose {
		out.Choice = number(in.Choice, Onward)
	}
	if in.Kind == Ended {
		out.Outcome = number(in.Outcome, Left)
	}
	if err := misplaced(&in); err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	if err := out.Check(); err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	*e = out
	return nil
}

func number(n *int, absent int) int {
	if n == nil {
		return absent
	}
	return *n
}

// misplaced reports a key that events of this kind do not have, a key that they
// must have and this one has not, or a number that stands for "absent".
func misplaced(in *eventJSON) error {
	k := in.Kind
	for _, key := range []struct {
		name    string
		present bool
		of      []Kind
	}{
		{"follows", in.Follows != "", []Kind{Chose, WentBack, Ended}},
		{"step", in.Step != nil, hasStep},
		{"choice", in.Choice != nil, []Kind{Chose}},
		{"item", in.Item != nil, []Kind{Ticked, Said}},
		{"undone", in.Undone, []Kind{Ticked, Said}},
		{"field", in.Field != "", []Kind{Recorded, Pictured}},
		{"row", in.Row != "", []Kind{Recorded}},
		{"value", in.Value != nil, []Kind{Recorded}},
		{"role", in.Role != "", []Kind{Called, Line, Charge}},
		{"result", in.Result != "", []Kind{Called}},
		{"to", in.To != "", []Kind{HandedOver}},
		{"text", in.Text != "", []Kind{Noted, Line, Pictured, Observed}},
		{"sum", in.Sum != "", []Kind{Pictured}},
		{"line", in.Line != "", []Kind{Seen}},
		{"sight", in.Sight != "", []Kind{Observed}},
		{"of", in.Of != "", []Kind{Corrected}},
		{"outcome", in.Outcome != nil, []Kind{Ended}},
		{"playbook", in.Play != "", []Kind{Started}},
		{"program", in.Program != "", []Kind{Started}},
		{"lang", in.Lang != "", []Kind{Started}},
		{"given", in.Given != nil, []Kind{Started}},
	} {
		if key.present && !slices.Contains(key.of, k) {
			return fmt.Errorf("%q does not belong to %q", key.name, k)
		}
	}
	switch {
	case in.Step == nil && slices.Contains(hasStep, k):
		return fmt.Errorf("%q does not say at which step", k)
	case in.Item == nil && (k == Ticked || k == Said):
		return fmt.Errorf("%q does not say which item", k)
	case in.Value == nil && k == Recorded:
		return fmt.Errorf("%q does not say what was written", k)
	case number(in.Choice, 0) < 0 || number(in.Outcome, 0) < 0:
		return fmt.Errorf("a choice or an outcome is below 0")
	}
	return nil
}

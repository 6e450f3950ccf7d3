package sms

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"roundtable/internal/notify"
)

// Receipt is what a gateway tells of a message that it took.
type Receipt struct {
	ID      notify.AttemptID
	Arrived bool // false: it will not arrive any more
}

// MaxReceipt is the most bytes that a receipt has.
const MaxReceipt = 1 << 10

var errReceipt = errors.New("sms: this is no receipt")

// ParseReceipt reads a receipt: {"id":"…","status":"delivered"}, or "failed". Other
// keys are refused: a gateway that sends the number or the text along would have us
// keep them.
func ParseReceipt(data []byte) (Receipt, error) {
	var in struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	}
	if len(data) > MaxReceipt {
		return Receipt{}, errReceipt
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if d.Decode(&in) != nil || len(bytes.TrimSpace(data[d.InputOffset():])) > 0 {
		return Receipt{}, errReceipt
	}
	if in.ID == "" || !isName(in.ID) || in.Status != "delivered" && in.Status != "failed" {
		return Receipt{}, errReceipt
	}
	return Receipt{notify.AttemptID(in.ID), in.Status == "delivered"}, nil
}

// Event returns the receipt as an event of the alert. Its time is when the receipt
// came: a gateway's clock is not ours.
func (r Receipt) Event(at time.Time) notify.Event {
	kind := notify.Failed
	if r.Arrived {
		kind = notify.Delivered
	}
	return notify.Event{Kind: kind, Attempt: r.ID, At: at.UTC().Truncate(time.Millisecond)}
}

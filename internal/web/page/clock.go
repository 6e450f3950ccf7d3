package page

import "time"

// Clock asks whether the server's clock is right, after it jumped ahead,
// /manage/clock. The form posts there and has no fields.
type Clock struct {
	Frame
	From, To time.Time // from when to when it jumped; zero To: it did not
}

func (p Clock) about() about { return staff("clock-jump", "The clock", AtManage) }

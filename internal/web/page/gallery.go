package page

import (
	"fmt"
	"time"

	"roundtable/internal/fault"
)

// Entry is one page in one state.
type Entry struct {
	Name string // stable: it names files of pictures, and says page and state
	Page Page
}

// Gallery returns every page in every state, in the order of the sitemap, with
// invented data: no person, place or number in it is real, and it is the same
// each time. Tests, the checks of accessibility and the command that takes
// pictures go through it.
func Gallery() []Entry {
	var all []Entry
	for _, part := range [][]Entry{
		galleryDesk(), galleryKeep(), galleryStepEntries(), galleryAside(), galleryPhotos(), galleryIncidents(), galleryLive(), galleryCounsel(), galleryPlaces(), galleryManage(), galleryPlanEntries(), galleryStaff(),
		gallerySignIn(), galleryMe(), galleryMeAlerts(), galleryTrouble(), gallerySetUp(),
	} {
		all = append(all, part...)
	}
	return all
}

// What the entries share.

var (
	galleryZone = time.FixedZone("EST", -5*60*60)
	galleryNow  = time.Date(2026, time.November, 25, 10, 46, 12, 0, galleryZone)
)

func ago(d time.Duration) time.Time { return galleryNow.Add(-d) }

const (
	oneDay    = 24 * time.Hour
	oneMinute = time.Minute
)

// staffFrame is the frame of somebody signed in who may go everywhere.
func staffFrame() Frame {
	return Frame{
		Library: "Millbrook Public Library", Branch: "Northside",
		Who: &Who{Name: "Imani Okafor", Role: "Director"},
		Nav: Places, Open: 1, Asked: 3,
		LockAfter: 15 * oneMinute, StayPost: "/lock/stay",
	}
}

// deviceFrame is the frame of an enrolled device at which nobody is signed in.
func deviceFrame() Frame {
	return Frame{
		Library: "Millbrook Public Library", Branch: "Northside", Device: "Desk by the entrance",
		Nav: []Place{AtDesk, AtPractise, AtHelp},
	}
}

// plainFrame is the frame of a page to sign in.
func plainFrame() Frame { return Frame{Library: "Millbrook Public Library"} }

func noticed(f Frame, tone Tone, text string, link Link) Frame {
	f.Notices = []Notice{{tone, text, link}}
	return f
}

func problems(list ...string) Form {
	var f Form
	for i := 0; i+1 < len(list); i += 2 {
		f.Problems = append(f.Problems, fault.Field{Name: list[i], Message: list[i+1]})
	}
	return f
}

func refused(words string) Form { return Form{Refused: words} }

// galleryQR draws a code of a fixed text. A text that is too long would be a
// mistake here, and is an empty code.
func galleryQR(text string) Code {
	code, err := QR(text)
	if err != nil {
		return nil
	}
	return code
}

var galleryDanger = Danger{Dial: "9 911"}

var galleryZones = []Option{
	{Value: "America/New_York", Words: "Eastern (New York)"}, {Value: "America/Chicago", Words: "Central (Chicago)"},
	{Value: "America/Denver", Words: "Mountain (Denver)"}, {Value: "America/Phoenix", Words: "Arizona (Phoenix)"},
	{Value: "America/Los_Angeles", Words: "Pacific (Los Angeles)"}, {Value: "America/Anchorage", Words: "Alaska (Anchorage)"},
	{Value: "Pacific/Honolulu", Words: "Hawaii (Honolulu)"},
}

var galleryStates = []Option{{Value: "", Words: "Choose a state"}, {Value: "MA", Words: "Massachusetts"}, {Value: "OH", Words: "Ohio"}, {Value: "VT", Words: "Vermont"}}

var galleryBranches = []Option{{Value: "", Words: "All branches"}, {Value: "northside", Words: "Northside"}, {Value: "harbor", Words: "Harbor"}}

var galleryRoles = []Option{
	{Value: "desk", Words: "Desk", Hint: "Serves the public, starts guides."},
	{Value: "in_charge", Words: "In charge", Hint: "In charge of a branch while on duty. Opens its cases."},
	{Value: "trainer", Words: "Trainer", Hint: "Runs practice and workshops."},
	{Value: "counsel", Words: "Counsel", Hint: "The library’s lawyer."},
	{Value: "auditor", Words: "Auditor", Hint: "Reads the log, and nothing else."},
}

// guides are the six situations, started by a press or read on their page.
func guides(start bool) []Guide {
	list := []Guide{
		{ID: "officer", Title: "An officer is here", Summary: "Police, immigration, any badge or court paper", Icon: "badge"},
		{ID: "complaint", Title: "A complaint about a patron", Summary: "Smell, noise, what is on a screen", Icon: "talk"},
		{ID: "minor-records", Title: "A parent wants records", Summary: "A child’s account, or someone else’s", Icon: "book"},
		{ID: "suspected-abuse", Title: "Someone may be hurt", Summary: "Injury, threats, abuse, a child at risk", Icon: "hand"},
		{ID: "room-request", Title: "Room request", Summary: "A group wants a room, or someone objects", Icon: "room"},
		{ID: "baiting", Title: "Baited about politics", Summary: "Someone wants a fight about views", Icon: "calm"},
	}
	for i := range list {
		list[i].Start = start
	}
	return list
}

func entry(name string, p Page) Entry { return Entry{name, p} }

func words30(seed int) []string {
	list := make([]string, 30)
	for i := range list {
		list[i] = galleryWord((seed*31 + i*7) % 2048)
	}
	return list
}

// galleryWord is a word in the manner of recovery shares, and of no real one.
func galleryWord(n int) string {
	const c, v = "bdfghklmnprstvwz", "aeio"
	return fmt.Sprintf("%c%c%c%c%c", c[n&15], v[n>>4&3], c[n>>6&15], "au"[n>>10&1], c[(n*5+3)&15])
}

func galleryShares() []Share {
	var list []Share
	for n := 1; n <= 3; n++ {
		list = append(list, Share{Holder: n, Set: "a1b2c3", Words: words30(n),
			Code: galleryQR(fmt.Sprintf("ROUNDTABLE-SHARE-1-INVENTED%dQ4XK7ZP2MWA6B3N5T7VYRD4GHJ2LC3F6S7E5UOI2QAZ4WSX3EDC6RFV5TGB7YHN2UJM", n))})
	}
	return list
}

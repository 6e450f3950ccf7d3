package notify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"roundtable/internal/people"
)

// Words says in whole sentences what a ladder will do, for the page on which it
// is set: one sentence or two for each rung, and what happens after the last.
func Words(l Ladder, lang Lang) []string {
	t := tongues[lang.known()]
	var lines []string
	add := func(form string, parts ...any) { lines = append(lines, t.sentence(form, parts...)) }
	for i, r := range l.Rungs {
		if i == 0 {
			add(t.first, t.roles[r.Role], t.by(r.Channels))
		}
		within := t.minutes(r.Within)
		if r.Repeat > 0 {
			add(t.repeat, within, t.times(r.Repeat))
			within = t.more(r.Within)
		}
		if i+1 == len(l.Rungs) {
			add(t.last, within, t.minutes(l.Pause))
			continue
		}
		next := l.Rungs[i+1]
		add(t.climb, within, t.roles[next.Role])
		if !slices.Equal(next.Channels, r.Channels) {
			lines[len(lines)-1] += " " + t.sentence(t.how, t.by(next.Channels))
		}
	}
	return append(lines, t.read, t.answer)
}

// tongue is what is said in one language. Sentences are whole, so that a language
// can order its words as it likes.
type tongue struct {
	first, repeat, climb, last string
	how, read, answer          string
	oneMinute, oneMore         string
	minutesOf, moreOf, hoursOf string
	once, often                string
	channels                   map[Channel]string
	then                       string
	roles                      map[people.Role]string
	days                       [7]string // "on Mondays"
	months                     [13]string
	date                       func(t *tongue, d Date) string
	gapOnce, gapOften, gapSpan string
	nobody                     string
	clock                      func(c Clock) string
}

var tongues = map[Lang]*tongue{
	English: {
		first:     "%s is alerted %s.",
		repeat:    "If nobody reads it in %s, it is sent again%s.",
		climb:     "If nobody reads it in %s, %s is called.",
		last:      "If nobody reads it in %s, the desk is told to call, and after %s it all begins again, then less and less often.",
		read:      "If somebody reads it, they have the same time again to say that they are on it. If they do not, it goes on as if nobody had read it.",
		answer:    "It stops when somebody says that they are on it, or when the desk says that nobody is needed any more. Closing the guide does not stop it.",
		how:       "That message goes %s.",
		oneMinute: "1 minute",
		oneMore:   "1 more minute",
		minutesOf: "%d minutes",
		moreOf:    "%d more minutes",
		hoursOf:   "%d hours",
		once:      "",
		often:     ", up to %d times",
		channels: map[Channel]string{
			Push: "by a push message", SMS: "by text message", Mail: "by e-mail",
		},
		then: "%s, or if that fails %s",
		roles: map[people.Role]string{
			people.Desk: "the desk", people.InCharge: "the person in charge", people.Director: "the director",
			people.Counsel: "the library's lawyer", people.SafetyLead: "the safety lead", people.Trainer: "the trainer",
			people.RoomOfficer: "the room officer", people.Admin: "the admin",
		},
		days:     [7]string{"Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"},
		months:   [13]string{"", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		date:     func(t *tongue, d Date) string { return fmt.Sprintf("%s %d, %d", t.months[d.Month], d.Day, d.Year) },
		gapOnce:  "On %s, from %s to %s, %s cannot be reached.",
		gapOften: "On %s from %s to %s, %s cannot be reached (%d times, next on %s).",
		gapSpan:  "From %s, %s, to %s, %s, %s cannot be reached.",
		nobody:   "nobody",
		clock:    twelve,
	},
	Spanish: {
		first:     "Se avisa a %s %s.",
		repeat:    "Si nadie lo lee en %s, se envía otra vez%s.",
		climb:     "Si nadie lo lee en %s, se llama a %s.",
		last:      "Si nadie lo lee en %s, se pide al mostrador que llame, y después de %s todo empieza otra vez, luego cada vez menos seguido.",
		read:      "Si alguien lo lee, tiene otra vez el mismo tiempo para decir que se encarga. Si no lo dice, todo sigue como si nadie lo hubiera leído.",
		answer:    "Termina cuando alguien dice que se encarga, o cuando el mostrador dice que ya no hace falta nadie. Cerrar la guía no lo termina.",
		how:       "Ese mensaje va %s.",
		oneMinute: "1 minuto",
		oneMore:   "1 minuto más",
		minutesOf: "%d minutos",
		moreOf:    "%d minutos más",
		hoursOf:   "%d horas",
		once:      "",
		often:     ", hasta %d veces",
		channels: map[Channel]string{
			Push: "por mensaje push", SMS: "por mensaje de texto", Mail: "por correo electrónico",
		},
		then: "%s, o si eso falla %s",
		roles: map[people.Role]string{
			people.Desk: "el mostrador", people.InCharge: "la persona a cargo", people.Director: "la dirección",
			people.Counsel: "la persona abogada de la biblioteca", people.SafetyLead: "la persona encargada de protección",
			people.Trainer: "la persona que da formación", people.RoomOfficer: "la persona que administra el salón", people.Admin: "la administración",
		},
		days:     [7]string{"los domingos", "los lunes", "los martes", "los miércoles", "los jueves", "los viernes", "los sábados"},
		months:   [13]string{"", "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
		date:     func(t *tongue, d Date) string { return fmt.Sprintf("%d de %s de %d", d.Day, t.months[d.Month], d.Year) },
		gapOnce:  "El %s, de %s a %s, no hay cómo encontrar a %s.",
		gapOften: "%s de %s a %s, no hay cómo encontrar a %s (%d veces, la próxima el %s).",
		gapSpan:  "Desde el %s, %s, hasta el %s, %s, no hay cómo encontrar a %s.",
		nobody:   "nadie",
		clock:    Clock.String,
	},
}

// sentence puts parts into a form. Spanish draws "a el" together.
func (t *tongue) sentence(form string, parts ...any) string {
	text := fmt.Sprintf(form, parts...)
	if t == tongues[Spanish] {
		text = strings.ReplaceAll(text, " a el ", " al ")
	}
	return capital(text)
}

func (t *tongue) minutes(d time.Duration) string {
	switch n := int(d / time.Minute); {
	case n == 1:
		return t.oneMinute
	case n > 60 && n%60 == 0:
		return fmt.Sprintf(t.hoursOf, n/60)
	default:
		return fmt.Sprintf(t.minutesOf, n)
	}
}

// more is minutes, once more.
func (t *tongue) more(d time.Duration) string {
	if d == time.Minute {
		return t.oneMore
	}
	return fmt.Sprintf(t.moreOf, int(d/time.Minute))
}

func (t *tongue) times(n int) string {
	if n == 1 {
		return t.once
	}
	return fmt.Sprintf(t.often, n)
}

// by says which channels are used, in their order.
func (t *tongue) by(channels []Channel) string {
	var said string
	for i, c := range channels {
		if i == 0 {
			said = t.channels[c]
			continue
		}
		said = fmt.Sprintf(t.then, said, t.channels[c])
	}
	return said
}

// twelve writes a time of day as it is said in the United States.
func twelve(c Clock) string {
	hour, half := int(c)/60, "AM"
	if hour >= 12 {
		hour, half = hour-12, "PM"
	}
	if hour == 0 {
		hour = 12
	}
	return fmt.Sprintf("%d:%02d %s", hour, int(c)%60, half)
}

// RoleWords names whoever has a role, in a sentence.
func RoleWords(r people.Role, lang Lang) string {
	t := tongues[lang.known()]
	if said, ok := t.roles[r]; ok {
		return said
	}
	return t.nobody
}

// GapLine is a sentence about one gap, or about many that are alike week after
// week.
type GapLine struct {
	Branch people.BranchID
	Role   people.Role
	Text   string
	Gaps   []Gap
}

// GapWords says in words what Gaps found: one line for what comes again on the
// same day of the week at the same hours, in the order of branches and roles as
// Gaps has them, and within them by time.
func GapWords(gaps []Gap, lang Lang) []GapLine {
	t := tongues[lang.known()]
	type alike struct {
		branch   people.BranchID
		role     people.Role
		day      time.Weekday
		from, to Clock
		long     time.Time // a gap that is longer than a day is alike to no other
	}
	var lines []GapLine
	at := map[alike]int{}
	for _, g := range gaps {
		k := alike{branch: g.Branch, role: g.Role, day: g.From.Weekday(), from: clockOf(g.From), to: clockOf(g.Until)}
		if g.isLong() {
			k.long = g.From
		}
		i, ok := at[k]
		if !ok {
			i = len(lines)
			at[k] = i
			lines = append(lines, GapLine{Branch: g.Branch, Role: g.Role})
		}
		lines[i].Gaps = append(lines[i].Gaps, g)
	}
	for i := range lines {
		lines[i].Text = t.gap(lines[i])
	}
	return lines
}

// isLong reports whether the gap goes over more than a night.
func (g Gap) isLong() bool { return g.Until.Sub(g.From) > 24*time.Hour }

func (t *tongue) gap(l GapLine) string {
	g := l.Gaps[0]
	day, from, until := t.date(t, DateOf(g.From)), t.clock(clockOf(g.From)), t.clock(clockOf(g.Until))
	switch {
	case g.isLong():
		return t.sentence(t.gapSpan, day, from, t.date(t, DateOf(g.Until)), until, t.roles[l.Role])
	case len(l.Gaps) == 1:
		return t.sentence(t.gapOnce, day, from, until, t.roles[l.Role])
	}
	return t.sentence(t.gapOften, t.days[g.From.Weekday()], from, until, t.roles[l.Role], len(l.Gaps), day)
}

func clockOf(at time.Time) Clock { return Clock(at.Hour()*60 + at.Minute()) }

// capital begins a sentence.
func capital(text string) string {
	if text == "" {
		return text
	}
	first := strings.ToUpper(text[:1])
	return first + text[1:]
}

// Text writes a line of the printed phone tree: the hours, and for each role whom
// to call, in order. name gives what is to be printed for a person, such as a name
// and a telephone number.
func (l Line) Text(lang Lang, name func(people.Pseudonym) string) string {
	t := tongues[lang.known()]
	var parts []string
	for _, d := range l.Roles {
		var names []string
		for _, who := range d.People {
			names = append(names, name(who))
		}
		said := cmp.Or(strings.Join(names, ", "), t.nobody)
		parts = append(parts, capital(t.roles[d.Role])+": "+said)
	}
	return t.clock(clockOf(l.From)) + "–" + t.clock(clockOf(l.Until)) + "  " + strings.Join(parts, "; ")
}

// DayText writes the heading of a day in the printed phone tree.
func (l Line) DayText(lang Lang) string {
	t := tongues[lang.known()]
	return t.date(t, DateOf(l.From))
}

// Roles lists the roles that ladders name, in the order of people.Roles: those
// for whom there must be no gap.
func Roles(rules []Rule) []people.Role {
	return slices.DeleteFunc(slices.Clone(people.Roles), func(role people.Role) bool {
		return !slices.ContainsFunc(rules, func(r Rule) bool {
			return slices.ContainsFunc(r.Rungs, func(rung Rung) bool { return rung.Role == role })
		})
	})
}

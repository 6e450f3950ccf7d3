package signin

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"roundtable/internal/fault"
)

var about = []string{"Ana María Núñez-Okafor", "ana.okafor@millbrook.example", "Millbrook Public Library"}

// TestEasy: what others try first, and what they do not.
func TestEasy(t *testing.T) {
	easy := strings.Split(`password1234
Password123!
P@ssw0rd2024
passwordpassword
drowssap12345
qwertyuiop12
QWERTYUIOP[]
qwerty123456
qwertz123456
1q2w3e4r5t6y
1qaz2wsx3edc
zaq12wsxcde3
123456789012
000000000000
aaaaaaaaaaaa
abcabcabcabc
abcdefghijkl
121212121212
987654321098
iloveyou1234
iloveyouforever
ILoveYou2020!!
Summer2024!!
Sommer2024!?
Winter2023Winter
LetMeIn12345
welcome12345
Welcome2024!
admin@123456
Administrator1
library12345
Library2024!
L1br4ry2024!
librarian1999
biblioteca2024
Roundtable1!
roundtable2026
booksbooksbooks
football1234
liverpool1892
Jennifer1985
michael12345
monkeymonkey1
dragon123456
superman1234
trustno1trustno1
princess2010
contraseña123
changeme1234
03111987031187
20260304Anna
starwars1977!
sunshine1234
Millbrook2024
millbrook1234
Okafor123456
!Okafor1990!
nunez.okafor12
@n@okafor2020
redblueredblue
monday123456
19851985198519`, "\n")
	for _, p := range easy {
		if len([]rune(p)) < MinPassword {
			t.Errorf("%q is too short to be here", p)
		}
		if !IsEasy(p, about...) {
			t.Errorf("IsEasy(%q) = false, %d pieces, want true", p, pieces(fold(p), wordsAbout(about)))
		}
	}
	for _, p := range strings.Split(`correct horse battery staple
lamp tide corral fennel
kettle-orbit-thimble-moss
Xk4#vT9q!mZr
my neighbour's goat ate 3 hats
wackelpudding am fenster
el cangrejo toca el tambor
ρόδι και μέλι κάθε πρωί
كتابان وقهوة عند النافذة
窗边有两本书和一杯咖啡吧
rh7d-9wpk-2mtx`, "\n") {
		if IsEasy(p, about...) {
			t.Errorf("IsEasy(%q) = true, %d pieces, want false", p, pieces(fold(p), wordsAbout(about)))
		}
	}
	if IsEasy("wurzikian goat 7 kites", "Wurzik") || !IsEasy("wurzik123456", "Wurzik") || IsEasy("wurzik123456") {
		t.Error("what is about a person counts for somebody else, or not for them")
	}
}

// TestEasyByRule: whatever is made from the stock as people do it is refused.
func TestEasyByRule(t *testing.T) {
	var words []string
	for w := range stock {
		if len(w) > 3 { // shorter ones count as two pieces
			words = append(words, w)
		}
	}
	slices.Sort(words)
	word := func(t *rapid.T, label string) string {
		w := rapid.SampledFrom(words).Draw(t, label)
		switch rapid.IntRange(0, 4).Draw(t, label+" written") {
		case 1:
			w = strings.ToUpper(w[:1]) + w[1:]
		case 2:
			w = strings.ToUpper(w)
		case 3:
			w = strings.NewReplacer("o", "0", "e", "3", "a", "@", "s", "$").Replace(w)
		case 4:
			b := []byte(w)
			slices.Reverse(b)
			w = string(b)
		}
		return w
	}
	tail := rapid.SampledFrom([]string{"", "1", "!", "12", "123", "1234", "123456", "2024", "1999", "2026!", "!!!!!!", "0000000", "0304", "20240131", "qwerty", "?!"})
	rapid.Check(t, func(t *rapid.T) {
		p := word(t, "first") + tail.Draw(t, "between") + word(t, "second") + tail.Draw(t, "tail")
		if !IsEasy(p) {
			t.Errorf("IsEasy(%q) = false, %d pieces, want true", p, pieces(fold(p), nil))
		}
	})
}

// TestDrawnIsNotEasy: a password that a password keeper draws is let through.
func TestDrawnIsNotEasy(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{9}))
	const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	for range 4_000 {
		var b [MinPassword]byte
		for i := range b {
			b[i] = letters[random.IntN(len(letters))]
		}
		if IsEasy(string(b[:])) {
			t.Fatalf("IsEasy(%q) = true, want false", b)
		}
	}
}

// TestPieces: single cuts; and more words make a password easier, never harder,
// and none is worth more than its length.
func TestPieces(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "x": 1, "xy": 2, "cba": 2, "ab": 2, "xabc": 3, "abcd": 1, "password": 1, "passwordx": 2, "2024": 1, "2124": 4, "4174": 4, "1231": 1, "abc": 2, "sun": 2, "1990": 1,
		"xqxqxqxq": 3, "xxxxxxxx": 2, "kfkfabc": 5, "p455w0rd": 1, "l1brary": 1, "20240131": 1, "31012024": 1, "010203": 1,
	} {
		if got := pieces(fold(text), nil); got != want {
			t.Errorf("pieces(%q) = %d, want %d", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringN(0, 40, 160).Draw(t, "text")
		n := pieces(fold(text), nil)
		if most := utf8.RuneCountInString(Normal(text)); n > most*2 {
			t.Errorf("pieces(%q) = %d, more than its %d characters", text, n, most)
		}
		if more := pieces(fold(text), wordsAbout([]string{text})); more > n {
			t.Errorf("pieces(%q) = %d, with words about the person %d", text, n, more)
		}
	})
}

func TestCheckPassword(t *testing.T) {
	for _, c := range []struct{ password, want string }{
		{"lamp tide corral fennel", ""},
		{"", "at least 12"}, {"short", "at least 12"}, {"kx9#vT2q!mZ", "at least 12"},
		{"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "at least 12"},
		{"password123456", "first that others"},
		{"lamp tide\tcorral fennel", "cannot be typed"}, {"lamp tide corral \xff", "cannot be typed"},
		{strings.Repeat("kx9#vT2q!mZ", 20), "longer than"},
		{strings.Repeat("windowseat kettle ", 11), ""},
	} {
		err := CheckPassword(c.password, about...)
		fields := fault.FieldsOf(err)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("CheckPassword(%q) = %v, want nil", c.password, fields)
		case c.want != "" && (fault.KindOf(err) != fault.Invalid || len(fields) != 1 || fields[0].Name != "password" || !strings.Contains(fields[0].Message, c.want)):
			t.Errorf("CheckPassword(%q) = %v %v, want %q", c.password, err, fields, c.want)
		}
	}
}

func TestCheckPIN(t *testing.T) {
	for pin, want := range map[string]bool{
		"7294": true, "83018": true, "84629375": true,
		"": false, "729": false, "729401938": false, "72a4": false, "７２９４": false,
		"1234": false, "4321": false, "1111": false, "1212": false, "2580": false, "1998": false, "2026": false, "3112": false, "0704": false, "0123": false, "123456": false, "11111111": false,
	} {
		if err := CheckPIN(pin); (err == nil) != want {
			t.Errorf("CheckPIN(%q) = %v, want nil: %v", pin, fault.FieldsOf(err), want)
		}
	}
}

func FuzzCheckPassword(f *testing.F) {
	for _, p := range []string{"", "password123456", "lamp tide corral fennel", strings.Repeat("ab", 200), "\xff\xfe", "İ", strings.Repeat("1", 800)} {
		f.Add(p, "Ana")
	}
	f.Fuzz(func(t *testing.T, password, about string) {
		if err := CheckPassword(password, about); err == nil && len([]rune(Normal(password))) < MinPassword {
			t.Errorf("CheckPassword(%q) = nil, want too short", password)
		}
		if Normal(Normal(password)) != Normal(password) {
			t.Errorf("Normal(%q) is not stable", password)
		}
	})
}

func BenchmarkCheckPassword(b *testing.B) {
	for b.Loop() {
		CheckPassword("lamp tide corral fennel", about...)
	}
}

func BenchmarkCheckPasswordLongest(b *testing.B) {
	p := strings.Repeat("windowseat1 kettle ", 20)[:MaxPassword]
	for b.Loop() {
		CheckPassword(p, about...)
	}
}

package static

import "testing"

// What pages load to be live, beside all else and after it.
func TestLiveBudget(t *testing.T) {
	const most = 5 << 10
	got := len(site[Path(Live)].zipped)
	t.Logf("%s: %d bytes compressed", Live, got)
	if got == 0 || got > most {
		t.Errorf("%s is %d bytes compressed, want at most %d", Live, got, most)
	}
}

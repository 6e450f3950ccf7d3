package web

import (
	"strings"
	"testing"

	"roundtable/internal/app/apptest"
	"roundtable/internal/notify"
	"roundtable/internal/store/storetest"
)

// A gateway's receipt is known by its secret, bounded, and answered without a page.
func TestReceipts(t *testing.T) {
	of := apptest.New(t, storetest.SQLite(t))
	gateway := apptest.NewSender()
	gateway.Secret = "a-secret-of-the-gateway-0123456789"
	of.Senders = map[notify.Channel]notify.Sender{notify.SMS: gateway}
	of.App = of.Process(t, of.Key)
	w := newWorld(t, of)
	const known = `{"id":"0123456789abcdef0123456789abcdef","status":"delivered"}`
	for _, c := range []struct {
		name, authorization, kind, body string
		want                            int
	}{
		{"taken", "Bearer " + gateway.Secret, "application/json", known, 204},
		{"no secret", "", "application/json", known, 401},
		{"a wrong secret", "Bearer wrong", "application/json", known, 401},
		{"no receipt", "Bearer " + gateway.Secret, "application/json", `{"id":"a"}`, 400},
		{"more than a receipt", "Bearer " + gateway.Secret, "application/json", `{"id":"a","status":"failed","to":"+1"}`, 400},
		{"too long", "Bearer " + gateway.Secret, "application/json", strings.Repeat(" ", 2000) + known, 413},
		{"a form", "Bearer " + gateway.Secret, "application/x-www-form-urlencoded", known, 415},
	} {
		from := w.browser()
		from.header.Set("Authorization", c.authorization)
		from.header["Sec-Fetch-Site"] = nil
		answer := from.send("POST", "/receipts/sms", c.kind, c.body)
		if answer.Code != c.want {
			t.Errorf("%s: %d, want %d", c.name, answer.Code, c.want)
		}
		if len(answer.Result().Cookies()) > 0 || c.want < 402 && answer.Body.Len() > 0 {
			t.Errorf("%s: it is told %q", c.name, answer.Body)
		}
	}
	guesser := w.browser()
	guesser.header.Set("Authorization", "Bearer guess")
	for n := 0; ; n++ {
		answer := guesser.send("POST", "/receipts/sms", "application/json", known)
		if answer.Code == 429 {
			if answer.Header().Get("Retry-After") == "" {
				t.Error("429 does not say when to come again")
			}
			break
		}
		if n > 100 {
			t.Fatal("whoever guesses the secret is not slowed down")
		}
	}
}

package terminal

import (
	"bufio"
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// maxLine bounds a typed line. A longer one is cut there, and the rest is read
// as the next line: nothing is lost.
const maxLine = 60_000

// input hands out the answers first and then what is typed.
type input struct {
	ctx     context.Context
	answers []string
	taken   int
	back    []string // typed lines that were read too early
	last    bool     // the last line was an answer
	lines   chan typed
	quit    chan struct{}
}

type typed struct {
	line string
	err  error
}

func newInput(ctx context.Context, r io.Reader, answers []string) *input {
	in := &input{ctx: ctx, answers: answers, lines: make(chan typed), quit: make(chan struct{})}
	go in.read(r)
	return in
}

// read sends lines until the reader ends or nobody wants them any more.
func (in *input) read(r io.Reader) {
	defer close(in.lines)
	b := bufio.NewReaderSize(r, maxLine)
	var rest []byte // the begun character at which a long line was cut
	for {
		data, err := b.ReadSlice('\n')
		line := append(rest, data...)
		rest = nil
		if errors.Is(err, bufio.ErrBufferFull) {
			err = nil
			cut := begun(line)
			line, rest = line[:cut], append([]byte(nil), line[cut:]...)
		}
		if len(line) > 0 && !in.send(typed{line: valid(line)}) {
			return
		}
		if err != nil {
			if err != io.EOF {
				in.send(typed{err: err})
			}
			return
		}
	}
}

// begun is where the last character begins if it is not complete; else the end.
func begun(line []byte) int {
	for i := len(line) - 1; i >= 0 && i > len(line)-utf8.UTFMax; i-- {
		if utf8.RuneStart(line[i]) {
			if !utf8.FullRune(line[i:]) {
				return i
			}
			break
		}
	}
	return len(line)
}

func (in *input) send(t typed) bool {
	select {
	case in.lines <- t:
		return true
	case <-in.quit:
		return false
	}
}

func valid(data []byte) string {
	line := strings.TrimRight(string(data), "\r\n")
	if utf8.ValidString(line) {
		return line
	}
	return strings.ToValidUTF8(line, "\ufffd")
}

// unread lets a line be read again.
func (in *input) unread(line string) { in.back = append(in.back, line) }

// next returns the next line; echo is true where nobody has typed it just now. ok is false when
// there are no more, or the context is done.
func (in *input) next() (line string, echo, ok bool, err error) {
	if in.ctx.Err() != nil {
		return "", false, false, nil
	}
	if in.taken < len(in.answers) {
		in.taken++
		in.last = true
		return in.answers[in.taken-1], true, true, nil
	}
	in.last = false
	if len(in.back) > 0 {
		line, in.back = in.back[0], in.back[1:]
		return line, true, true, nil
	}
	select {
	case t, open := <-in.lines:
		return t.line, false, open && t.err == nil, t.err
	case <-in.ctx.Done():
		return "", false, false, nil
	}
}

// answering reports whether the line that next returned last was an answer, and
// which.
func (in *input) answering() (n int, answer string, ok bool) {
	if !in.last {
		return 0, "", false
	}
	return in.taken, in.answers[in.taken-1], true
}

func (in *input) stop() { close(in.quit) }

// ParseAnswers reads a list of answers: on one line, separated by commas; on
// several, one a line, where empty lines and lines that begin with # count for
// nothing. An answer is what a person would type: a choice's number or its
// words, or a command.
func ParseAnswers(text string) []string {
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if text == "" {
		return nil
	}
	sep := ","
	if strings.Contains(text, "\n") {
		sep = "\n"
	}
	var answers []string
	for _, a := range strings.Split(text, sep) {
		a = strings.TrimSpace(a)
		if sep == "\n" && (a == "" || strings.HasPrefix(a, "#")) {
			continue
		}
		answers = append(answers, a)
	}
	return answers
}

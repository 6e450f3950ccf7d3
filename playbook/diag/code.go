package diag

// Code names a kind of problem. The words are part of the language's
// definition: tools and people may rely on them.
type Code string

// The codes of the language's definition.
const (
	Syntax             Code = "syntax"
	UnknownBlock       Code = "unknown-block"
	UnknownTarget      Code = "unknown-target"
	UnknownFact        Code = "unknown-fact"
	UnknownValue       Code = "unknown-value"
	UnknownReference   Code = "unknown-reference"
	DuplicateStep      Code = "duplicate-step"
	UnreachableStep    Code = "unreachable-step"
	DeadChoice         Code = "dead-choice"
	Stuck              Code = "stuck"
	NoWayOut           Code = "no-way-out"
	UnreadFact         Code = "unread-fact"
	HalfAsked          Code = "half-asked"
	EmptyRule          Code = "empty-rule"
	RuleBroken         Code = "rule-broken"
	TooHard            Code = "too-hard"
	TranslationDiffers Code = "translation-differs"
	NoUnsure           Code = "no-unsure"
	TooManyChoices     Code = "too-many-choices"
	HardToRead         Code = "hard-to-read"
	LongLine           Code = "long-line"
	LongPlaybook       Code = "long-playbook"
	LoadedWord         Code = "loaded-word"
	PastReview         Code = "past-review"
)

// Codes lists every code in the order of the definition.
var Codes = []Code{
	Syntax, UnknownBlock, UnknownTarget, UnknownFact, UnknownValue, UnknownReference, DuplicateStep,
	UnreachableStep, DeadChoice, Stuck, NoWayOut, UnreadFact, HalfAsked, EmptyRule, RuleBroken, TooHard,
	TranslationDiffers, NoUnsure, TooManyChoices, HardToRead, LongLine, LongPlaybook, LoadedWord, PastReview,
}

// Level is the level at which problems of this code are told.
func (c Code) Level() Level {
	switch c {
	case DeadChoice, UnreadFact, HalfAsked, EmptyRule:
		return Warning
	case NoUnsure, TooManyChoices, HardToRead, LongLine, LongPlaybook, LoadedWord, PastReview:
		return Advice
	}
	return Error
}

// KeepsRulesUnproved reports whether a problem of this code keeps the rules of
// its playbook from being proved: the automaton itself is in doubt.
func (c Code) KeepsRulesUnproved() bool {
	switch c {
	case Syntax, UnknownBlock, UnknownTarget, UnknownFact, UnknownValue, UnknownReference, DuplicateStep:
		return true
	}
	return false
}

// BlocksAdoption reports whether a library may not adopt a playbook that has a
// problem of this code: every error does, and half-asked too, because a
// protected fact that is set on some ways only cannot be proved neutral.
func (c Code) BlocksAdoption() bool { return c.Level() == Error || c == HalfAsked }

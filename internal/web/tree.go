package web

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"roundtable/internal/access"
	"roundtable/internal/app"
	"roundtable/internal/fault"
	"roundtable/internal/people"
	"roundtable/internal/web/page"
)

// dayForm writes a day as papers have it.
const dayForm = "Monday 2 January 2006"

// mayAt reports whether somebody may do an act at a branch; at "" on what all
// branches share.
func (a *ask) mayAt(act access.Act, branch people.BranchID) bool {
	s := access.Subject{Kind: access.Branch, Library: a.who.Library, Branch: branch}
	return access.May(a.actor(), act, s, a.site.Now()) == access.Allowed
}

// openBranches lists the branches that were not closed.
func (a *ask) openBranches(ctx context.Context) ([]app.Branch, error) {
	library, err := a.library()
	if err != nil {
		return nil, err
	}
	list, err := a.app().Branches(ctx, a.who, library)
	return slices.DeleteFunc(list, func(b app.Branch) bool { return !b.Closed.IsZero() }), err
}

func showTree(ctx context.Context, a *ask) error {
	if err := a.enter(access.SeePhoneTree); err != nil {
		return err
	}
	branches, err := a.openBranches(ctx)
	if err != nil {
		return err
	}
	lines, err := a.app().PhoneLines(ctx, a.who, a.who.Library)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	p := page.PhoneTree{Frame: f, Shared: treeLines(lines, ""), MayEditShared: a.mayAt(access.EditPhoneTree, "")}
	p.MayAdd = p.MayEditShared
	for _, b := range branches {
		t := page.BranchTree{
			Branch: b.Name, Known: a.mayAt(access.SeeDesk, b.ID), Lines: treeLines(lines, b.ID), Others: len(p.Shared) > 0,
			MayEdit: a.mayAt(access.EditPhoneTree, b.ID),
		}
		p.MayAdd = p.MayAdd || t.MayEdit
		if a.mayAt(access.SetDuty, b.ID) {
			t.SetDuty = dutyHref(b.ID)
		}
		if t.Known {
			if t.InCharge, err = a.onDuty(ctx, b); err != nil {
				return err
			}
		}
		p.Branches = append(p.Branches, t)
	}
	if p.Plan, err = a.planView(ctx); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

// treeLines are the numbers of one branch alone, or at "" those of all.
func treeLines(lines []app.PhoneLine, branch people.BranchID) (list []page.TreeLine) {
	for _, l := range lines {
		if l.Branch == branch {
			c := contact(l)
			list = append(list, page.TreeLine{ID: l.ID, Name: c.Name, Role: c.Role, Phone: c.Phone})
		}
	}
	return list
}

// showPrintedTree shows the numbers as they hang on a wall, and who is on duty in the
// next days.
func showPrintedTree(ctx context.Context, a *ask) error {
	if err := a.enter(access.SeePhoneTree); err != nil {
		return err
	}
	branches, err := a.openBranches(ctx)
	if err != nil {
		return err
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	h, err := a.here(ctx)
	if err != nil {
		return err
	}
	papers, err := a.app().PaperTrees(ctx, a.who, a.who.Library)
	if err != nil {
		return err
	}
	p := page.ManageTree{Frame: f, Day: a.site.Now().In(h.zone).Format(dayForm)}
	for _, b := range branches {
		t := page.TreeBranch{Branch: b.Name, Dial: emergencyNumber(b)}
		if t.Contacts, err = a.contacts(ctx, b.ID); err != nil {
			return err
		}
		if i := slices.IndexFunc(papers, func(p app.PaperTree) bool { return p.Branch.ID == b.ID }); i >= 0 {
			t.Days = paperDays(papers[i])
		}
		p.Branches = append(p.Branches, t)
	}
	return a.show(http.StatusOK, p)
}

// enterTree asks whether somebody may change some part of the phone tree.
func (a *ask) enterTree(ctx context.Context) ([]app.Branch, error) {
	branches, err := a.openBranches(ctx)
	if err != nil {
		return nil, err
	}
	if !a.mayAt(access.EditPhoneTree, "") && !slices.ContainsFunc(branches, func(b app.Branch) bool { return a.mayAt(access.EditPhoneTree, b.ID) }) {
		return nil, a.enter(access.EditPhoneTree)
	}
	return branches, nil
}

func showNewLine(ctx context.Context, a *ask) error {
	branches, err := a.enterTree(ctx)
	if err != nil {
		return err
	}
	var p page.AddPhoneLine
	if err := a.fillNewLine(ctx, &p, branches); err != nil {
		return err
	}
	return a.show(http.StatusOK, p)
}

func (a *ask) fillNewLine(ctx context.Context, p *page.AddPhoneLine, branches []app.Branch) (err error) {
	p.Form.Lines = []page.Option{{Words: "Choose whom it is for"}}
	for _, line := range slices.Concat(roleLines(), app.OutsideLines()) {
		p.Form.Lines = append(p.Form.Lines, page.Option{Value: line, Words: lineWords(line)})
	}
	if a.mayAt(access.EditPhoneTree, "") {
		p.Form.Branches = append(p.Form.Branches, page.Option{Words: "All branches"})
	}
	for _, b := range branches {
		if a.mayAt(access.EditPhoneTree, b.ID) {
			p.Form.Branches = append(p.Form.Branches, page.Option{Value: string(b.ID), Words: b.Name})
		}
	}
	p.Frame, err = a.frame(ctx)
	return err
}

func roleLines() (list []string) {
	for _, r := range people.Roles {
		list = append(list, string(r))
	}
	return list
}

// lineWords says whom a line of the phone tree is for.
func lineWords(line string) string {
	if r := people.Role(line); r.IsRole() {
		return roleName(r)
	}
	return sentenceCase(strings.ReplaceAll(line, "_", " "))
}

func postNewLine(ctx context.Context, a *ask) error {
	branches, err := a.enterTree(ctx)
	if err != nil {
		return err
	}
	var p page.AddPhoneLine
	err = a.read(&p.Form)
	if err == nil {
		_, err = a.app().AddPhoneLine(ctx, a.who, a.who.Library, app.PhoneLineForm{
			Branch: people.BranchID(p.Form.Branch), Line: p.Form.Line, Label: p.Form.Label, Number: p.Form.Number,
		})
	}
	return a.settle(err, &p.Form.Form, func() (page.Page, error) {
		err := a.fillNewLine(ctx, &p, branches)
		return p, err
	}, "/manage/tree")
}

// deleteLine asks once more, and takes the number away when it comes back sure.
func deleteLine(ctx context.Context, a *ask) error {
	if _, err := a.enterTree(ctx); err != nil {
		return err
	}
	var form one
	if err := a.read(&form); err != nil {
		return err
	}
	if form.Sure == "yes" {
		if err := a.app().DeletePhoneLine(ctx, a.who, a.who.Library, form.Line); err != nil {
			return err
		}
		return a.to("/manage/tree")
	}
	lines, err := a.app().PhoneLines(ctx, a.who, a.who.Library)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(lines, func(l app.PhoneLine) bool { return l.ID == form.Line })
	if at < 0 {
		return fault.Missing()
	}
	f, err := a.frame(ctx)
	if err != nil {
		return err
	}
	c := contact(lines[at])
	return a.show(http.StatusOK, page.Confirm{
		Frame: f, At: page.AtManage, Title: "Delete this number?", Button: "Delete the number", Post: "/manage/tree/delete", Back: "/manage/tree",
		Means:  []string{c.Name + ", " + string(c.Phone) + ".", "Desks stop calling it at once. Printed phone trees still have it."},
		Hidden: []page.Hidden{{Name: "line", Value: form.Line}, {Name: "sure", Value: "yes"}},
	})
}

package page

// LibraryRow is a library of the installation.
type LibraryRow struct {
	ID        string // what "Print new invitations" sends as "library", to /manage/libraries/invite
	Name      string
	State     string
	Mine      bool // whoever looks has a role there
	MayInvite bool
}

// Libraries is the libraries of the installation, /manage/libraries.
type Libraries struct {
	Frame
	Libraries []LibraryRow
	MayAdd    bool // shows a link to /manage/libraries/new
}

// NewLibraryForm posts to /manage/libraries/new.
type NewLibraryForm struct {
	Form
	Name             string `form:"name"`
	State            string `form:"state"`
	Zone             string `form:"zone"` // of the library and its first branch
	BranchName       string `form:"branch_name"`
	BranchPrefix     string `form:"branch_prefix"`
	BranchPhone      string `form:"branch_phone"`
	DirectorName     string `form:"director_name"`
	DirectorInitials string `form:"director_initials"`
	DirectorMail     string `form:"director_mail"`
	AdminName        string `form:"admin_name"`
	AdminInitials    string `form:"admin_initials"`
	AdminMail        string `form:"admin_mail"`
	States           []Option
	Zones            []Option
}

// AddLibrary is the form to add a library, /manage/libraries/new.
type AddLibrary struct {
	Frame
	Form NewLibraryForm
}

// LibraryAdded shows the invitations of a library's first people, once.
type LibraryAdded struct {
	Frame
	Name  string
	Slips []Slip
}

// RecoveryForm posts to /manage/recovery.
type RecoveryForm struct {
	Form
	Sure bool `form:"sure"`
}

// Recovery prints the papers of the recovery key anew, /manage/recovery. They are
// shown once, just after they were made.
type Recovery struct {
	Frame
	Shares []Share
	Day    string // the day, as it is printed
	Form   RecoveryForm
}

// ProviderForm posts to /manage/provider.
type ProviderForm struct {
	Form
	Name   string `form:"name"` // as people call it
	Issuer string `form:"issuer"`
	Client string `form:"client"`
	Secret string `form:"client_secret"` // never shown again
}

// SignInElsewhere is the provider by which people may sign in, /manage/provider.
// Its button to take it away posts to /manage/provider/remove.
type SignInElsewhere struct {
	Frame
	Has  bool
	Form ProviderForm
	Back string // where the provider sends browsers back to, to be registered there
}

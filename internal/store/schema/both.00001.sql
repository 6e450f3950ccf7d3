-- What the installation and each library have alike.

CREATE TABLE settings (
	library_id {{text}} NOT NULL,
	name       {{text}} NOT NULL,
	value      {{text}} NOT NULL,                -- {R0, never of a person}
	PRIMARY KEY (library_id, name)
){{strict}};
{{wall "settings"}}

-- The program's own secrets, such as the key that signs checkpoints, sealed
-- under the tenant's own key.
CREATE TABLE secrets (
	library_id {{text}} NOT NULL,
	name       {{text}} NOT NULL,
	sealed     {{blob}} NOT NULL,
	version    {{int}}  NOT NULL,
	PRIMARY KEY (library_id, name)
){{strict}};
{{wall "secrets"}}

-- One row for each tenant. A writing transaction locks it first.
CREATE TABLE ledger_heads (
	library_id  {{text}} NOT NULL PRIMARY KEY,
	size        {{int}}  NOT NULL,
	checkpoints {{int}}  NOT NULL
){{strict}};
{{wall "ledger_heads"}}

CREATE TABLE ledger_leaves (
	library_id {{text}} NOT NULL,
	number     {{int}}  NOT NULL,
	hash       {{blob}} NOT NULL,
	entry      {{text}} NOT NULL,                -- {R9, what happened when; '' once it was dropped}
	PRIMARY KEY (library_id, number)
){{strict}};
{{wall "ledger_leaves"}}

CREATE TABLE ledger_hashes (
	library_id {{text}} NOT NULL,
	number     {{int}}  NOT NULL,
	hash       {{blob}} NOT NULL,
	PRIMARY KEY (library_id, number)
){{strict}};
{{wall "ledger_hashes"}}

CREATE TABLE ledger_checkpoints (
	library_id {{text}} NOT NULL,
	number     {{int}}  NOT NULL,
	size       {{int}}  NOT NULL,
	note       {{blob}} NOT NULL,
	PRIMARY KEY (library_id, number)
){{strict}};
{{wall "ledger_checkpoints"}}

-- What is to be done later. A job is leased, done, and deleted; its subject is
-- an id, never a content.
CREATE TABLE jobs (
	library_id {{text}} NOT NULL,
	id         {{text}} NOT NULL,
	kind       {{text}} NOT NULL,
	subject    {{text}} NOT NULL,
	due        {{int}}  NOT NULL,
	leased     {{int}}  NOT NULL,                -- until when somebody has it; 0 if nobody
	tries      {{int}}  NOT NULL,
	PRIMARY KEY (library_id, id),
	UNIQUE (library_id, kind, subject)
){{strict}};
CREATE INDEX jobs_due ON jobs (library_id, due);
{{wall "jobs"}}

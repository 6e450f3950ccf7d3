-- Where a person's alerts go: mail, telephone, browsers. All of it is sealed under the
-- person's own key.
CREATE TABLE alert_ways (
	library_id {{text}} NOT NULL,
	person_id  {{text}} NOT NULL,
	sealed     {{blob}} NOT NULL,                -- {R10, where alerts go}
	version    {{int}}  NOT NULL,
	PRIMARY KEY (library_id, person_id),
	FOREIGN KEY (library_id, person_id) REFERENCES accounts (library_id, person_id)
){{strict}};
{{wall "alert_ways"}}

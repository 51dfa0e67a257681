package scenario

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"

	"github.com/faultline/faultline/schema"
)

// maxFile bounds a scenario file.
const maxFile = 1 << 20

// Parse reads a scenario file. name is shown in problems and is the scenario's default name; paths in the file are read from files and stay inside it.
// The scenario is nil when there is any problem; all problems are returned, by line.
func Parse(name, text string, files fs.FS) (*Scenario, []schema.Problem) {
	if len(text) > maxFile {
		return nil, []schema.Problem{{File: name, What: "larger than " + schema.FormatSize(maxFile), Want: "a scenario"}}
	}
	index := indexLines(text)
	if index.excessAt > 0 {
		return nil, []schema.Problem{{File: name, Line: index.excessAt, What: index.excess, Want: "a scenario"}}
	}
	var table map[string]any
	if _, err := toml.Decode(text, &table); err != nil {
		return nil, []schema.Problem{notTOML(name, text, err)}
	}
	if !utf8.ValidString(text) { // the decoder passes over a mark of UTF-16
		return nil, []schema.Problem{{File: name, Line: 1, What: "not TOML: it is not UTF-8", Want: "a scenario"}}
	}
	s := Empty()
	sum := sha256.Sum256([]byte(text))
	s.Text, s.Hash = text, hex.EncodeToString(sum[:])
	s.Name = strings.TrimSuffix(path.Base(name), ".toml")
	document := &schema.Document{Name: name, Places: index.places}
	s.root = document.Root(table)
	s.read(s.root, files)
	if problems := document.Problems(); len(problems) > 0 {
		return nil, problems
	}
	return s, nil
}

// notTOML is the problem of a text that is no TOML. Its place is told from the byte that the decoder names: its lines and columns are off at ends of lines, and
// where a key is defined twice.
func notTOML(name, text string, err error) schema.Problem {
	p := schema.Problem{File: name, What: "not TOML: " + err.Error()}
	var at toml.ParseError
	if !errors.As(err, &at) {
		return p
	}
	p.Line, p.What = at.Position.Line, "not TOML: "+at.Message
	text = strings.TrimPrefix(text, "\ufeff")
	start, width := at.Position.Start, at.Position.Len
	if valid := strings.ToValidUTF8(text, ""); len(valid) < len(text) {
		start, width = commonPrefix(text, valid), 1
	}
	if start < 0 || start > len(text) {
		return p
	}
	before := text[:start]
	rest, _, _ := strings.Cut(text[start:], "\n")
	rest = strings.TrimRight(rest, "\r")
	if rest == "" { // the line ended too early: its last character
		before = strings.TrimRight(before, "\r\n")
		before = before[:max(0, len(before)-1)]
		rest = text[len(before):min(len(before)+1, len(text))]
	}
	p.Line = 1 + strings.Count(before, "\n")
	p.Span = schema.Span{Column: len(before) - strings.LastIndexByte(before, '\n'), Width: min(max(1, width), len(rest))}
	return p
}

// commonPrefix is how many bytes two texts begin with alike.
func commonPrefix(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// read reads the outermost table. The time zone comes first: rules are read in it.
func (s *Scenario) read(root schema.Value, files fs.FS) {
	root.Read(s.fields(files)...)
	s.checkNames(root)
	s.checkPhases(root)
	s.checkReachable(root)
	s.hosts = indexHosts(s.Rules)
}

func (s *Scenario) fields(files fs.FS) []schema.Field {
	return []schema.Field{
		schema.String(&s.Name, "name", "the scenario's name; the file's without it"),
		schema.Func("seed", "number", wantSeed, "what chance is drawn from; without it one is drawn, logged and printed", s.readSeed).Shaped(schema.Whole(0)),
		schema.Func("timezone", "time zone", wantZone, "for daily, days, and date-times without an offset; UTC without it", s.readZone),
		schema.Enum(&s.Clock, "clock", "what after, for, phases and ramps count from", ClockStart, ClockFirstAttempt),
		schema.Func("phase", "list of tables", "[[phase]]", "named stretches of a run, one after the other from the clock's start; after the last one none is on", s.readPhases).With(new(Phase).fields()...),
		schema.Bool(&s.RepeatPhases, "repeat_phases", "the phases start over when the last has ended"),
		schema.Table("delivery", "what a webhook is, and how its attempts belong together", s.Delivery.fields()...),
		schema.Func("rule", "list of tables", "[[rule]]", "the rules, read from top to bottom", func(v schema.Value) { s.readRules(v, files) }).
			Shaped(schema.List(schema.Defined("rule"))),
		s.expectField(),
		schema.Table("proxy", "where the proxy listens, and for whom", s.Proxy.fields()...).Checked(s.Proxy.checkOpen),
		schema.Table("log", "the delivery log", s.Log.fields()...),
		schema.Table("tls", "interception", s.TLS.fields()...),
		schema.Table("target", "the way to the targets", s.Target.fields()...),
		schema.Table("limits", "what one proxy holds at most", s.Limits.fields()...),
		schema.Func("gateway", "list of tables", "[[gateway]]", "listeners that stand for one target", s.readGateways).With(new(GatewayListener).fields()...),
	}
}

const wantSeed = "a whole number from 0"

func (s *Scenario) readSeed(v schema.Value) {
	n, isNumber := v.Raw.(int64)
	if !isNumber || n < 0 {
		v.Reject("not a seed", wantSeed, "")
		return
	}
	s.Seed, s.SeedGiven = uint64(n), true
}

func (s *Scenario) readZone(v schema.Value) {
	name, err := text(v, wantZone)
	if err != nil {
		reject(v, err)
		return
	}
	zone, err := loadZone(name)
	if err != nil {
		reject(v, err)
		return
	}
	s.Location = zone
}

func (s *Scenario) readRules(v schema.Value, files fs.FS) {
	tables, isList := v.List()
	if !isList {
		v.Reject("not a list of tables", "[[rule]] in two brackets", "")
		return
	}
	s.Rules = make([]Rule, len(tables))
	for i, table := range tables {
		s.Rules[i].read(table, s.Location, files)
	}
}

// checkNames reports rules that share a name.
func (s *Scenario) checkNames(root schema.Value) {
	tables, _ := root.Key("rule").List() // what is no list was reported
	first := make(map[string]int)
	for _, table := range tables {
		name := table.Key("name")
		text, isText := name.Raw.(string)
		if !isText {
			continue
		}
		if line, taken := first[text]; taken {
			name.Reject("two rules have this name", "a name of its own", "the first is on line "+strconv.Itoa(line))
			continue
		}
		first[text] = name.Line()
	}
}

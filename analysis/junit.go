package analysis

import (
	"encoding/xml"
	"strings"
)

type suiteXML struct {
	XMLName  xml.Name  `xml:"testsuite"`
	Name     string    `xml:"name,attr"`
	Tests    int       `xml:"tests,attr"`
	Failures int       `xml:"failures,attr"`
	Errors   int       `xml:"errors,attr"`
	Skipped  int       `xml:"skipped,attr"`
	Time     float64   `xml:"time,attr"`
	Cases    []caseXML `xml:"testcase"`
}

type caseXML struct {
	Name    string   `xml:"name,attr"`
	Class   string   `xml:"classname,attr"`
	Failure *saidXML `xml:"failure,omitempty"`
	Skipped *saidXML `xml:"skipped,omitempty"`
}

type saidXML struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit is the verdict as CI servers read it: a test case a check. An inconclusive one is skipped, with the sentence that says what to do: it has not
// passed.
func (r *Report) JUnit() ([]byte, error) {
	suite := suiteXML{Name: "faultline", Time: r.Span.to.Sub(r.Span.from).Seconds()}
	if r.Scenario != "" {
		suite.Name += " " + r.Scenario
	}
	for _, c := range r.Checks {
		one := caseXML{Name: c.Name, Class: "faultline." + strings.TrimSuffix(strings.SplitN(r.Scenario+"@", "@", 2)[0], ".")}
		said := &saidXML{Message: c.Text, Text: strings.Join(c.Evidence, "\n")}
		switch c.Result {
		case Fail:
			one.Failure = said
			suite.Failures++
		case Inconclusive:
			one.Skipped = said
			suite.Skipped++
		case Pass:
		default:
			panic("analysis: result " + string(c.Result))
		}
		suite.Cases = append(suite.Cases, one)
	}
	suite.Tests = len(suite.Cases)
	text, err := xml.MarshalIndent(suite, "", "  ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}

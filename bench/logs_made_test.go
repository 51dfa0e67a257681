package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestACopiedAttemptIsOfAnotherDeliveryLater(t *testing.T) {
	const line = `{"v":1,"event":"attempt","delivery":"5f2c9aabcdef","start":"2026-11-24T01:53:51.5Z","attempt":2,"key":"wh_2","key_from":"header:Webhook-Id","id":"01938c7e-aaaaaa","run":"01938c7d","seq":4711,"error":""}` + "\n"
	copying := copier{round: 1, seq: 9}

	got := string(copying.line([]byte(line)))

	assert.Equal(t, `{"v":1,"event":"attempt","delivery":"000001abcdef","start":"2026-11-24T01:54:01.5Z","attempt":2,"key":"wh_2-000001","key_from":"header:Webhook-Id","id":"01938c7e-000001","run":"01938c7d","seq":10,"error":""}`+"\n", got)
}

func TestSegmentsEachBeginWithTheRunLine(t *testing.T) {
	dir := t.TempDir()
	out := &segments{dir: dir, first: []byte("run\n")}
	_, err := out.write([]byte("one\n"))
	require.NoError(t, err)
	out.size = segmentSize
	_, err = out.write([]byte("two\n"))
	require.NoError(t, err)
	require.NoError(t, out.close())

	for name, want := range map[string]string{"000001.jsonl": "run\none\n", "000002.jsonl": "run\ntwo\n"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
	}
}

func TestDecodeFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "000001.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(`{"event":"run"}`+"\n"+`{"event":"attempt","delivery":"a","outcome":"acknowledged"}`+"\n"), 0o600))
	var got []string

	err := decodeFile(name, func(delivery, outcome string) { got = append(got, delivery+" "+outcome) })

	require.NoError(t, err)
	assert.Equal(t, []string{"a acknowledged"}, got)
}

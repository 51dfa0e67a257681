package receiver

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpenStoreErrors(t *testing.T) {
	_, err := OpenStore(t.TempDir(), -1)
	require.EqualError(t, err, "keep -1 payload files: want 0 (all) or more")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = OpenStore(file, 0)
	require.ErrorContains(t, err, "make the folder of payloads")
}

// TestStoresBesideEachOther: a receiver that starts removes nothing of what another one is writing into the same folder; one that is alone there does.
func TestStoresBesideEachOther(t *testing.T) {
	dir := t.TempDir()
	first, err := OpenStore(dir, 0)
	require.NoError(t, err)
	writing := filepath.Join(dir, ".webhook_data_1"+partSuffix)
	require.NoError(t, os.WriteFile(writing, nil, 0o600))
	second, err := OpenStore(dir, 0)
	require.NoError(t, err)
	require.FileExists(t, writing)
	require.NoError(t, errors.Join(first.Close(), second.Close()))
	third, err := OpenStore(dir, 0)
	require.NoError(t, err)
	require.NoFileExists(t, writing)
	require.NoError(t, third.Close())
}

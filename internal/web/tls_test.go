package web

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// writeCertificate makes a certificate with the serial number, and writes it.
func writeCertificate(t *testing.T, folder string, serial int64, at time.Time) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: at, NotAfter: at.Add(time.Hour), DNSNames: []string{"desk.example"}}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for name, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: cert}, keyFile: {Type: "EC PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func serialOf(t *testing.T, config *tls.Config) int64 {
	t.Helper()
	cert, err := config.GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf.SerialNumber.Int64()
}

func TestCertificateIsReadAgain(t *testing.T) {
	folder, c := t.TempDir(), newClock(start)
	var log bytes.Buffer
	certFile, keyFile := writeCertificate(t, folder, 1, start)
	cert, err := OpenCertificate(certFile, keyFile, c.now, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	config := cert.Config()
	want := func(when string, serial int64) {
		t.Helper()
		if got := serialOf(t, config); got != serial {
			t.Errorf("%s: certificate %d, want %d", when, got, serial)
		}
	}
	want("at first", 1)
	writeCertificate(t, folder, 2, start.Add(time.Second))
	want("just changed", 1)
	c.move(certCheck)
	want("a while after it changed", 2)
	writeCertificate(t, folder, 3, start.Add(2*time.Second))
	if err := cert.Reload(); err != nil {
		t.Fatal(err)
	}
	want("told to read again", 3)
	if err := os.WriteFile(certFile, []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := cert.Reload(); err == nil {
		t.Error("Reload() of rubbish = nil error, want one")
	}
	c.move(certCheck)
	want("after it was spoilt", 3)
	if !bytes.Contains(log.Bytes(), []byte("certificate")) {
		t.Error("the log does not say that the certificate is spoilt")
	}
	if err := os.Remove(keyFile); err != nil {
		t.Fatal(err)
	}
	c.move(certCheck)
	want("after it is gone", 3)
	if config.MinVersion < tls.VersionTLS12 {
		t.Errorf("the oldest TLS is %x, want 1.2", config.MinVersion)
	}
}

func TestOpenCertificateRefuses(t *testing.T) {
	folder := t.TempDir()
	if _, err := OpenCertificate(filepath.Join(folder, "none"), filepath.Join(folder, "none"), newClock(start).now, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("OpenCertificate(no files) = nil error, want one")
	}
}

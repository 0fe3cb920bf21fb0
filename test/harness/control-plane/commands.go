//go:build commands

// Package controlplane pins the commands that the harness builds when no
// ready-made Kubernetes binaries can be had. The build tag keeps it out of
// ordinary builds; `go mod tidy` reads it with every tag set.
package controlplane

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
	_ "k8s.io/kubernetes/cmd/kubectl"
	_ "k8s.io/kubernetes/cmd/kubelet"
)

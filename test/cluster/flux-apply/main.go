// Flux as it applies what a Kustomization has built, for flux.test.ts: once for each line of standard input.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

var owner = ssa.Owner{Field: "kustomize-controller", Group: "kustomize.toolkit.fluxcd.io"}

// main applies the manifests of the second argument with the kubeconfig of the first, and prints what became of each.
func main() {
	if err := follow(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func follow(kubeconfig, manifests string) error {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	kube, err := client.New(config, client.Options{})
	if err != nil {
		return err
	}
	manager := ssa.NewResourceManager(kube, nil, owner)
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); {
		if err := apply(manager, manifests); err != nil {
			return err
		}
	}
	return nil
}

func apply(manager *ssa.ResourceManager, manifests string) error {
	text, err := os.ReadFile(manifests)
	if err != nil {
		return err
	}
	objects, err := utils.ReadObjects(strings.NewReader(string(text)))
	if err != nil {
		return err
	}
	changes, err := manager.ApplyAll(context.Background(), objects, ssa.DefaultApplyOptions())
	if err != nil {
		return err
	}
	for _, change := range changes.Entries {
		fmt.Printf("%s %s\n", change.Subject, change.Action)
	}
	fmt.Println("applied")
	return nil
}

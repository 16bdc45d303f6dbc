// Clients as they are built with client-go and controller-runtime, for go-clients.test.ts: each prints what it sees.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const finalizer = "example.com/manager"

var version = schema.GroupVersion{Group: "external-secrets.io", Version: "v1"}

// main runs `informer` or `manager` with the kubeconfig of the second argument until it is told to end.
func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[2])
	if err == nil {
		config.QPS = -1
	}
	if err == nil && os.Args[1] == "manager" {
		err = manage(ctx, config)
	} else if err == nil {
		err = inform(ctx, config)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// inform follows ExternalSecrets with a shared informer. Whether it lists or asks for a streamed list is decided by the
// environment variable KUBE_FEATURE_WatchListClient.
func inform(ctx context.Context, config *rest.Config) error {
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := dynamicinformer.NewDynamicSharedInformerFactory(dynamicClient, 0)
	informer := factory.ForResource(version.WithResource("externalsecrets")).Informer()
	_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { tell("add", object) },
		UpdateFunc: func(_, object any) { tell("update", object) },
		DeleteFunc: func(object any) { tell("delete", object) },
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), informer.HasSynced) {
		return fmt.Errorf("the informer did not sync")
	}
	fmt.Printf("synced %d\n", len(informer.GetStore().List()))
	<-ctx.Done()
	return nil
}

func tell(event string, object any) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	if seen, ok := object.(*unstructured.Unstructured); ok {
		fmt.Printf("%s %s %s\n", event, seen.GetName(), seen.GetLabels()["step"])
	}
}

// manage keeps a finalizer and a condition on every ExternalSecret, and lets go of those that are deleted.
func manage(ctx context.Context, config *rest.Config) error {
	ctrl.SetLogger(zap.New(zap.WriteTo(os.Stderr)))
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Metrics: server.Options{BindAddress: "0"},
		Client:  client.Options{Cache: &client.CacheOptions{Unstructured: true}},
	})
	if err != nil {
		return err
	}
	reconciler := &reconciler{client: manager.GetClient()}
	if err := ctrl.NewControllerManagedBy(manager).For(externalSecret()).Complete(reconciler); err != nil {
		return err
	}
	return manager.Start(ctx)
}

type reconciler struct{ client client.Client }

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := externalSecret()
	if err := r.client.Get(ctx, request.NamespacedName, object); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if object.GetDeletionTimestamp() != nil {
		if !controllerutil.RemoveFinalizer(object, finalizer) {
			return ctrl.Result{}, nil
		}
		defer fmt.Printf("released %s\n", object.GetName())
		return ctrl.Result{}, r.client.Update(ctx, object)
	}
	if controllerutil.AddFinalizer(object, finalizer) {
		return ctrl.Result{}, r.client.Update(ctx, object)
	}
	if hasCondition(object) {
		return ctrl.Result{}, nil
	}
	condition := map[string]any{"type": "Ready", "status": "False", "reason": "Managed", "message": "by a manager"}
	if err := unstructured.SetNestedSlice(object.Object, []any{condition}, "status", "conditions"); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.client.Status().Update(ctx, object); err != nil {
		return ctrl.Result{}, err
	}
	fmt.Printf("managed %s\n", object.GetName())
	return ctrl.Result{}, nil
}

func hasCondition(object *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	return len(conditions) > 0
}

func externalSecret() *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(version.WithKind("ExternalSecret"))
	return object
}

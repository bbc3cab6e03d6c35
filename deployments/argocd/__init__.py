"""What Argo CD is given for the example repository of the demo: Kustomize and Helm, in both forms."""

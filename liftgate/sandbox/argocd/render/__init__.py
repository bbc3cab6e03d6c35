"""From the files of a commit to manifests: plain directories and Kustomize."""

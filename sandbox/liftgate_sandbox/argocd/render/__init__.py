"""From the files of a commit to manifests: plain directories, Kustomize, and charts by Helm."""

{{/* What the operator may do: exactly the verbs that its code uses. */}}

{{/* In each namespace that it serves. */}}
{{- define "keyturn.namespacedRules" -}}
- apiGroups: [external-secrets.io]
  resources: [externalsecrets, secretstores]
  verbs: [list, watch]
# Only to remove a finalizer that External Secrets Operator left on an object that is being deleted.
- apiGroups: [external-secrets.io]
  resources: [externalsecrets, secretstores]
  verbs: [patch]
- apiGroups: [external-secrets.io]
  resources: [externalsecrets/status, secretstores/status]
  verbs: [patch]
# What is made has an owner reference that blocks the deletion of the owner in the foreground, which some clusters
# (OpenShift, and all with the admission plugin OwnerReferencesPermissionEnforcement) ask this right for.
- apiGroups: [external-secrets.io]
  resources: [externalsecrets/finalizers]
  verbs: [update]
# list and watch are used for metadata alone; get reads a store's static credentials
# and Secrets that hold templates. delete is for deletionPolicy
# Delete and for a Secret whose name was changed in its ExternalSecret; it removes only what the ExternalSecret owns.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create, patch, delete]
# For stores that read by a ServiceAccount (auth.jwt): which role it has.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get, list, watch]
{{- if and .Values.rbac.serviceAccountTokenCreate (not .Values.rbac.tokenServiceAccounts) }}
# For the same stores: a token of the ServiceAccount, of any one (rbac.tokenServiceAccounts names them).
- apiGroups: [""]
  resources: [serviceaccounts/token]
  verbs: [create]
{{- end }}
# For templates that are kept in ConfigMaps: watched, as metadata alone, once an ExternalSecret refers to one.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list, watch]
- apiGroups: [""]
  resources: [events]
  verbs: [create, patch]
{{- if .Values.genericTargets.enabled }}
{{ include "keyturn.genericTargetRules" . }}
{{- end }}
{{- end }}

{{/* Targets that are no Secrets: what genericTargets.resources names. */}}
{{- define "keyturn.genericTargetRules" -}}
{{- range .Values.genericTargets.resources }}
- apiGroups: [{{ .apiGroup | quote }}]
  resources: {{ toJson .resources }}
  verbs: {{ .verbs | default (list "get" "list" "watch" "create" "patch" "delete") | toJson }}
{{- end }}
{{- end }}

{{/* Of the kinds that belong to no namespace, and what comes of them. */}}
{{- define "keyturn.clusterRules" -}}
- apiGroups: [external-secrets.io]
  resources: [clustersecretstores]
  verbs: [list, watch]
# Only to remove a finalizer that External Secrets Operator left on one that is being deleted.
- apiGroups: [external-secrets.io]
  resources: [clustersecretstores]
  verbs: [patch]
- apiGroups: [external-secrets.io]
  resources: [clustersecretstores/status]
  verbs: [patch]
# For ClusterExternalSecrets: theirs are made, changed and removed (creating by server-side apply takes patch, too).
- apiGroups: [external-secrets.io]
  resources: [clusterexternalsecrets]
  verbs: [list, watch, patch]
- apiGroups: [external-secrets.io]
  resources: [clusterexternalsecrets/status]
  verbs: [patch]
- apiGroups: [external-secrets.io]
  resources: [externalsecrets]
  verbs: [create, patch, delete]
# And what ClusterExternalSecrets make has such a reference to them.
- apiGroups: [external-secrets.io]
  resources: [clusterexternalsecrets/finalizers]
  verbs: [update]
# Metadata alone.
- apiGroups: [""]
  resources: [namespaces]
  verbs: [list, watch]
{{- /* helm upgrade --reuse-values of a release that did not have the value yet gives none. */}}
{{- if ne (toString .Values.rbac.releaseNamespaces) "false" }}
# Only to remove finalizers that External Secrets Operator left on one that is being deleted.
- apiGroups: [""]
  resources: [namespaces]
  verbs: [patch]
{{- end }}
- apiGroups: [keyturn.dev]
  resources: [secretaccesspolicies]
  verbs: [list, watch]
- apiGroups: [keyturn.dev]
  resources: [secretaccesspolicies/status]
  verbs: [patch]
{{- end }}

{{/* Restarts of workloads: a role of its own, beside that of the operator. */}}
{{- define "keyturn.rolloutRules" -}}
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [list, watch, patch]
# Since when the pods of a workload run, asked once for each new version.
- apiGroups: [""]
  resources: [pods]
  verbs: [list]
# Where Argo Rollouts is not installed this gives nothing.
- apiGroups: [argoproj.io]
  resources: [rollouts]
  verbs: [list, watch, patch]
{{- end }}

{{/* Which pods hold which version: a role of its own, too. */}}
{{- define "keyturn.consumptionRules" -}}
# From when on they run, and how they use Secrets.
- apiGroups: [""]
  resources: [pods]
  verbs: [list, watch]
- apiGroups: [keyturn.dev]
  resources: [secretconsumptions]
  verbs: [list, watch, create, delete]
- apiGroups: [keyturn.dev]
  resources: [secretconsumptions/status]
  verbs: [patch]
{{- end }}

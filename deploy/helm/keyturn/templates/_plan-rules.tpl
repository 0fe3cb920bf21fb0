{{/* What `keyturn plan` needs: get and list, and nothing that writes. */}}

{{- define "keyturn.planNamespacedRules" -}}
- apiGroups: [external-secrets.io]
  resources: [externalsecrets, secretstores]
  verbs: [list]
# list for metadata alone; get reads the Secrets that would be written, to compare them, static credentials, and templates.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list]
# Only for templates that are kept in ConfigMaps.
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get, list]
# Only for stores that read by a ServiceAccount (auth.jwt): which role it has.
- apiGroups: [""]
  resources: [serviceaccounts]
  verbs: [get]
{{- if and .Values.rbac.serviceAccountTokenCreate (not .Values.rbac.tokenServiceAccounts) }}
# For the same stores: a token of the ServiceAccount, by which AWS is asked. RBAC calls that a creation; nothing is kept in the
# cluster of it. Without the rule such stores are told as unknown.
- apiGroups: [""]
  resources: [serviceaccounts/token]
  verbs: [create]
{{- end }}
{{- end }}

{{- define "keyturn.planClusterRules" -}}
- apiGroups: [external-secrets.io]
  resources: [clustersecretstores, clusterexternalsecrets]
  verbs: [list]
- apiGroups: [keyturn.dev]
  resources: [secretaccesspolicies]
  verbs: [list]
# Metadata alone.
- apiGroups: [""]
  resources: [namespaces]
  verbs: [list]
{{- end }}

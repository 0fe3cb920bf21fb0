{{/* What the schema cannot say: values of External Secrets Operator that mean nothing here, and values that do not go together. */}}
{{- define "keyturn.refusals" -}}
{{- $problems := list }}
{{- range .Files.Get "files/foreign-values.yaml" | fromYamlArray }}
{{- if include "keyturn.isGiven" (dict "values" $.Values "path" (splitList "." .value)) }}
{{- $problems = append $problems (printf "%s: %s" .value .instead) }}
{{- end }}
{{- end }}
{{- range $value, $repository := dict "image.repository" .Values.image.repository "global.repository" ((.Values.global).repository | default "") }}
{{- if eq (base $repository) "external-secrets" }}
{{- $problems = append $problems (printf "%s: %s is the image of External Secrets Operator; give that of Keyturn" $value $repository) }}
{{- end }}
{{- end }}
{{- range $flag := omit (.Values.extraArgs | default dict) "kubeconfig" | keys | sortAlpha }}
{{- $problems = append $problems (printf "extraArgs.%s: the flag has a value of its own, or keyturn run does not know it; values.yaml has all of them" $flag) }}
{{- end }}
{{- $others := list "automountServiceAccountToken" "containers" "enableServiceLinks" "hostNetwork" "initContainers" "priorityClassName" "securityContext" "serviceAccountName" "terminationGracePeriodSeconds" "topologySpreadConstraints" "volumes" }}
{{- range $field := keys (.Values.podSpecExtra | default dict) | sortAlpha }}
{{- if has $field $others }}
{{- $problems = append $problems (printf "podSpecExtra.%s: it has a value of its own; values.yaml has all of them" $field) }}
{{- end }}
{{- end }}
{{- range .Values.extraEnv }}
{{- if hasPrefix "KEYTURN_" (.name | default "") }}
{{- $problems = append $problems (printf "extraEnv %s: the chart gives a flag, which wins over it; set the value that stands for the flag" .name) }}
{{- end }}
{{- end }}
{{- range $probe := list "livenessProbe" "readinessProbe" }}
{{- $spec := (index $.Values $probe).spec | default dict }}
{{- range $field := list "address" "port" }}
{{- if hasKey $spec $field }}
{{- $problems = append $problems (printf "%s.spec.%s: probes are answered on all addresses, at health.listen.port. Remove it" $probe $field) }}
{{- end }}
{{- end }}
{{- $port := ($spec.httpGet | default dict).port }}
{{- if and (kindIs "string" $port) (not (has $port (list "health" "metrics"))) }}
{{- $problems = append $problems (printf "%s.spec.httpGet.port: the container has no port of the name %s, but health. Remove it" $probe $port) }}
{{- end }}
{{- end }}
{{- if eq (int .Values.metrics.listen.port) (int .Values.health.listen.port) }}
{{- $problems = append $problems (printf "health.listen.port: %d is that of the metrics (metrics.listen.port); give another to one of them" (int .Values.health.listen.port)) }}
{{- end }}
{{- $scopes := include "keyturn.scopes" . | fromYamlArray }}
{{- range .Values.rbac.tokenServiceAccounts }}
{{- if and $scopes (not (has (splitList "/" . | first) $scopes)) }}
{{- $problems = append $problems (printf "rbac.tokenServiceAccounts %s: scopedNamespace does not have its namespace; add it there or remove this one" .) }}
{{- end }}
{{- end }}
{{- if and .Values.scopedRBAC (not $scopes) }}
{{- $problems = append $problems "scopedRBAC: it needs scopedNamespace, which says where the Roles are to be" }}
{{- end }}
{{- if and (not .Values.leaderElect) (gt (int .Values.replicaCount) 1) }}
{{- $problems = append $problems (printf "replicaCount: %d replicas would all work at once; set leaderElect to true, or replicaCount to 1" (int .Values.replicaCount)) }}
{{- end }}
{{- if and (not .Values.leaderElect) (gt (int .Values.shards) 1) }}
{{- $problems = append $problems (printf "shards: %d shards are shared out by Leases; set leaderElect to true" (int .Values.shards)) }}
{{- end }}
{{- $lease := include "keyturn.leaseName" . }}
{{- if eq $lease "external-secrets-controller" }}
{{- $problems = append $problems "leaderElectionID: external-secrets-controller is the Lease of External Secrets Operator, for whose end Keyturn would wait. Remove it" }}
{{- end }}
{{- if and .Values.rotationQueueUrl (gt (int .Values.shards) 1) (not (contains "{shard}" .Values.rotationQueueUrl)) }}
{{- $problems = append $problems (printf "rotationQueueUrl: each of %d shards needs a queue of its own; write {shard} where their URLs have the number of the shard" (int .Values.shards)) }}
{{- end }}
{{- if and .Values.requireAccessPolicy $scopes }}
{{- $problems = append $problems "requireAccessPolicy: SecretAccessPolicies are the cluster's, and with scopedNamespace they are not read; use one of the two" }}
{{- end }}
{{- if $problems }}
{{- fail (printf "\n\nThese values cannot be used:\n- %s\n" (join "\n- " $problems)) }}
{{- end }}
{{- end }}

{{/* Whether there is a value at this path, whatever it is; null is none. */}}
{{- define "keyturn.isGiven" -}}
{{- $inner := .values }}
{{- range .path }}
{{- $inner = and (kindIs "map" $inner) (hasKey $inner .) | ternary (index (kindIs "map" $inner | ternary $inner dict) .) nil }}
{{- end }}
{{- if ne (kindOf $inner) "invalid" }}true{{ end }}
{{- end }}

{{/*
What is cluster-wide, or an earlier chart's, may be there already. Helm would refuse to take it over without saying what to do.
Takes root, apiVersion, kind, name, and what to do instead.
*/}}
{{- define "keyturn.requireOurs" -}}
{{- with lookup .apiVersion .kind "" .name }}
{{- $annotations := .metadata.annotations | default dict }}
{{- $owner := printf "%s/%s" (index $annotations "meta.helm.sh/release-namespace" | default "") (index $annotations "meta.helm.sh/release-name" | default "") }}
{{- if ne $owner (printf "%s/%s" $.root.Release.Namespace $.root.Release.Name) }}
{{- $who := eq $owner "/" | ternary "no Helm release" (printf "the Helm release %s" $owner) }}
{{- fail (printf "\n\n%s %s is there already and belongs to %s. %s\n" $.kind $.name $who $.instead) }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the API server would refuse to make of a CustomResourceDefinition that is there. Takes the chart's. */}}
{{- define "keyturn.requireReplaceable" -}}
{{- $name := .metadata.name }}
{{- $versions := list }}
{{- range .spec.versions }}
{{- $versions = append $versions .name }}
{{- end }}
{{- with lookup .apiVersion .kind "" $name }}
{{- if eq ((.spec.conversion).strategy | default "None") "Webhook" }}
{{- fail (printf "\n\nCustomResourceDefinition %s has a webhook that converts between versions, and the chart's has none. Take it out first: docs/migration.md says how.\n" $name) }}
{{- end }}
{{- range (.status).storedVersions }}
{{- if not (has . $versions) }}
{{- fail (printf "\n\nCustomResourceDefinition %s may have objects that are stored as %s, a version that the chart's does not have. Store them anew first: docs/migration.md says how.\n" $name .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

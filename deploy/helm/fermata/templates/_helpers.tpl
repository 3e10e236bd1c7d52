{{- define "fermata.name" -}}
{{- if contains "fermata" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-fermata" (.Release.Name | trunc 42 | trimSuffix "-") }}{{ end }}
{{- end }}

{{- define "fermata.selector" -}}
app.kubernetes.io/name: fermata
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end }}

{{- define "fermata.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/name: fermata
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Name of the secret with the server's certificate; empty without TLS. */}}
{{- define "fermata.tlsSecret" -}}
{{- if .Values.tls.secret }}{{ .Values.tls.secret }}{{ else if .Values.tls.certManager.enabled }}{{ include "fermata.name" . }}-tls{{ end }}
{{- end }}

{{- define "fermata.databaseSecret" -}}
{{- if .Values.database.postgresql.bundled.enabled }}{{ include "fermata.name" . }}-postgresql{{ else }}{{ .Values.database.postgresql.urlSecret }}{{ end }}
{{- end }}

{{/* What cannot be: said before anything is made. */}}
{{- define "fermata.check" -}}
{{- $known := or .Values.identity.principalsSecret .Values.identity.oidcSecret .Values.identity.keystone.enabled }}
{{- if and (not .Values.insecure) (not (include "fermata.tlsSecret" .)) }}
{{- fail "set tls.secret or tls.certManager.enabled, or insecure for trying" }}
{{- end }}
{{- if and (not .Values.insecure) (not $known) }}
{{- fail "set identity.principalsSecret, identity.oidcSecret or identity.keystone.enabled, or insecure for trying" }}
{{- end }}
{{- if and (eq .Values.database.kind "sqlite") (ne (int .Values.replicaCount) 1) }}
{{- fail "SQLite is for one replica: set replicaCount to 1, or database.kind to postgresql" }}
{{- end }}
{{- if and (eq .Values.database.kind "postgresql") (not (include "fermata.databaseSecret" .)) }}
{{- fail "set database.postgresql.urlSecret, or database.postgresql.bundled.enabled for trying" }}
{{- end }}
{{- if and .Values.database.postgresql.bundled.enabled (not .Values.database.postgresql.bundled.password) }}
{{- fail "set database.postgresql.bundled.password" }}
{{- end }}
{{- if and (eq .Values.cloud.kind "openstack") (not .Values.cloud.openstack.cloudsSecret) }}
{{- fail "set cloud.openstack.cloudsSecret" }}
{{- end }}
{{- if and .Values.identity.keystone.enabled (ne .Values.cloud.kind "openstack") }}
{{- fail "identity.keystone needs cloud.kind openstack" }}
{{- end }}
{{- if and (eq .Values.cloud.kind "simulated") (gt (int .Values.replicaCount) 1) }}
{{- fail "a simulated cloud lives in one replica: set replicaCount to 1, or cloud.kind to openstack" }}
{{- end }}
{{- if and .Values.tls.certManager.enabled (not .Values.tls.certManager.issuer.name) }}
{{- fail "set tls.certManager.issuer.name" }}
{{- end }}
{{- end }}

{{- define "hub.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "hub.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "hub.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "hub.selector" -}}
app.kubernetes.io/name: {{ include "hub.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "hub.labels" -}}
{{ include "hub.selector" . }}
app.kubernetes.io/part-of: fairway
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* What can only go wrong later is refused here, in words. */ -}}
{{- define "hub.check" -}}
{{- $values := .Values -}}
{{- if not $values.image }}{{ fail "image: name the image that deploy/docker/hub.Dockerfile makes" }}{{ end -}}
{{- if not $values.fleet.repository }}{{ fail "fleet.repository: a hub follows one fleet repository" }}{{ end -}}
{{- if not $values.agents.publicAddress }}{{ fail "agents.publicAddress: the HOST:PORT that agents dial" }}{{ end -}}
{{- if not $values.database.existingSecret -}}
{{- if gt (int $values.replicas) 1 }}{{ fail "replicas: more than one needs database.existingSecret, for the embedded PostgreSQL serves one" }}{{ end -}}
{{- if not $values.persistence.enabled }}{{ fail "persistence.enabled: without it the embedded PostgreSQL would forget everything; name a database.existingSecret" }}{{ end -}}
{{- else if not $values.keys.existingSecret -}}
{{- if gt (int $values.replicas) 1 }}{{ fail "keys.existingSecret: replicas share one authority and one data key; make them with `fairway hub keys`" }}{{ end -}}
{{- if not $values.persistence.enabled }}{{ fail "keys.existingSecret: without a volume the keys would be lost; make them with `fairway hub keys`" }}{{ end -}}
{{- end -}}
{{- end -}}

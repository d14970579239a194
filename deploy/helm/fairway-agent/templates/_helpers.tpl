{{- define "agent.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "agent.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- $name := include "agent.name" . -}}
{{- ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "agent.selector" -}}
app.kubernetes.io/name: {{ include "agent.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "agent.labels" -}}
{{ include "agent.selector" . }}
app.kubernetes.io/part-of: fairway
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "agent.subjects" -}}
[{kind: ServiceAccount, name: {{ include "agent.fullname" . }}, namespace: {{ .Release.Namespace }}}]
{{- end -}}

{{- define "agent.check" -}}
{{- if not .Values.image }}{{ fail "image: name the image that deploy/docker/agent.Dockerfile makes" }}{{ end -}}
{{- if not .Values.hub }}{{ fail "hub: the HOST:PORT that the agent dials; `fairway cluster register NAME -o values` prints it" }}{{ end -}}
{{- if and .Values.joinToken.value .Values.joinToken.existingSecret }}{{ fail "joinToken: either value or existingSecret" }}{{ end -}}
{{- end -}}

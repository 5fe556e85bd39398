{{- /* The services that are installed, by name, as YAML; `calls` are the ways between them. */ -}}
{{- define "shop.services" -}}
orders: {port: 3001, kafka: true, mongodb: true, api: true, calls: [clients, products]}
payments: {port: 3004, kafka: true, mongodb: true, calls: [orders, provider]}
clients: {port: 3002, mongodb: true, api: true, calls: []}
products: {port: 3003, mongodb: true, api: true, calls: []}
{{- if .Values.notifications.enabled }}
notifications: {port: 3006, kafka: true, mongodb: true, calls: [clients]}
{{- end }}
{{- if .Values.provider.enabled }}
provider: {port: 3010, calls: []}
{{- end }}
{{- end -}}

{{- /* What another file asks about one service: {root, name} as `shop.labels` and its kin take it. */ -}}
{{- define "shop.fullname" -}}
{{- printf "%s%s" .root.Values.namePrefix .name -}}
{{- end -}}

{{- define "shop.url" -}}
{{- printf "http://%s:%d" (include "shop.fullname" .) (int (get (include "shop.services" .root | fromYaml) .name).port) -}}
{{- end -}}

{{- define "shop.selectorLabels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
{{- end -}}

{{- define "shop.labels" -}}
{{ include "shop.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: shop
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "shop.image" -}}
{{- $repository := ternary .name (printf "%s/%s" .root.Values.image.registry .name) (eq .root.Values.image.registry "") -}}
{{- $image := dict "repository" $repository "tag" .root.Values.image.tag "digest" (get .root.Values .name).imageDigest -}}
{{- include "pod.image" (dict "image" $image "appVersion" .root.Chart.AppVersion) -}}
{{- end -}}

{{- /* {root, name} as the templates of kafka take it. */ -}}
{{- define "shop.kafka" -}}
kafka: {{ toJson .root.Values.kafka }}
secret: {{ (get .root.Values .name).kafkaSecret | default "" | quote }}
who: {{ .name }}
secretValue: {{ .name }}.kafkaSecret
{{- end -}}

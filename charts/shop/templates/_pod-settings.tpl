{{- /* What every pod of the shop has, the test's too. No service may do anything at the API server: see _tokens.tpl for its tokens. */ -}}
{{- define "shop.podSettings" -}}
{{- $values := .root.Values -}}
serviceAccountName: {{ include "shop.fullname" . }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- include "restricted.pod" .root | nindent 2 }}
{{- with $values.imagePullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

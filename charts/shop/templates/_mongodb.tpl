{{- /* How a service reaches MongoDB. A whole address and the authority are mounted: a process reads files again. */ -}}
{{- define "shop.mongodbEnv" -}}
{{- with .root.Values.mongodb -}}
{{- if .secret -}}
- {name: MONGODB_URI_FILE, value: /etc/mongodb/address/uri, instead: mongodb.secret}
{{- else -}}
{{- $options := compact (list .options (ternary "tls=true&tlsCAFile=/etc/mongodb/ca/ca.crt" "" (ne .caSecret ""))) | join "&" -}}
- name: MONGODB_URI
  value: {{ printf "%s/%s%s" (required "mongodb.uri: say where MongoDB is, or name a Secret in mongodb.secret" .uri) $.name (ternary "" (printf "?%s" $options) (eq $options "")) | quote }}
  instead: mongodb.uri
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The ports that `uri` names, as JSON. Those in a Secret, and in DNS for mongodb+srv, can't be read here. */ -}}
{{- define "shop.mongodbPorts" -}}
{{- $ports := list -}}
{{- with .root.Values.mongodb -}}
{{- if and (hasPrefix "mongodb://" .uri) (not .secret) -}}
{{- range splitList "," (regexReplaceAll "^mongodb://(.*@)?" .uri "") -}}
{{- $ports = append $ports (include "pod.portOf" . | default "27017") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $ports -}}
{{- end -}}

{{- define "shop.mongodbVolumes" -}}
{{- with .root.Values.mongodb }}
{{- if .secret }}
- name: mongodb-address
  secret: {secretName: {{ .secret }}, items: [{key: {{ $.name }}, path: uri}]}
{{- end }}
{{- if .caSecret }}
- name: mongodb-ca
  secret: {secretName: {{ .caSecret }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end }}
{{- end -}}

{{- define "shop.mongodbVolumeMounts" -}}
{{- with .root.Values.mongodb }}
{{- if .secret }}
- {name: mongodb-address, mountPath: /etc/mongodb/address, readOnly: true}
{{- end }}
{{- if .caSecret }}
- {name: mongodb-ca, mountPath: /etc/mongodb/ca, readOnly: true}
{{- end }}
{{- end }}
{{- end -}}

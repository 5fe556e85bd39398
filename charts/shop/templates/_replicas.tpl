{{- /*
`replicas: N`, or nothing. Whoever scales payments owns their number: a chart that said one as well would undo it with
each upgrade (Helm 3) or be refused (Helm 4), and one that stopped saying it would fall to 1 on the way. Reading the live
count (`lookup`) only puts that off: a number that was rendered once is taken out by the next upgrade.
*/ -}}
{{- define "shop.replicas" -}}
{{- $values := .root.Values -}}
{{- if eq .name "payments" -}}
{{- include "shop.checkPayments" $values -}}
{{- /* As it is, a 0 counts as something in Helm 3.18. */ -}}
{{- with int $values.payments.replicas -}}
replicas: {{ . }}
{{- end -}}
{{- else if eq .name "provider" -}}
replicas: 1
{{- else -}}
replicas: {{ (get $values .name).replicas }}
{{- end -}}
{{- end -}}

{{- define "shop.checkPayments" -}}
{{- $partitions := int .kafka.partitions -}}
{{- $replicas := int .payments.replicas -}}
{{- $autoscaling := .payments.autoscaling -}}
{{- if and $replicas $autoscaling.enabled -}}
{{- fail "payments.replicas: the lag controller says how many payments there are; set payments.autoscaling.enabled to false, or leave payments.replicas at 0" -}}
{{- end -}}
{{- if gt $replicas $partitions -}}
{{- fail (printf "payments.replicas is %d, but orders.created has %d partitions (kafka.partitions): the rest would have nothing to do" $replicas $partitions) -}}
{{- end -}}
{{- if $autoscaling.enabled -}}
{{- if gt (int $autoscaling.maxReplicas) $partitions -}}
{{- fail (printf "payments.autoscaling.maxReplicas is %d, but orders.created has %d partitions (kafka.partitions): the rest would have nothing to do. Add partitions first" (int $autoscaling.maxReplicas) $partitions) -}}
{{- end -}}
{{- if gt (int $autoscaling.minReplicas) (int $autoscaling.maxReplicas) -}}
{{- fail (printf "payments.autoscaling.minReplicas is %d, more than payments.autoscaling.maxReplicas, which is %d" (int $autoscaling.minReplicas) (int $autoscaling.maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- end -}}

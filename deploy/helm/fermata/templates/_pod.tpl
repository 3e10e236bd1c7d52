{{/* The pod, which a Deployment (PostgreSQL) or a StatefulSet (SQLite) has. */}}
{{- define "fermata.pod" -}}
{{- $tls := include "fermata.tlsSecret" . -}}
metadata:
  labels:
    {{- include "fermata.labels" . | nindent 4 }}
    app.kubernetes.io/component: server
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with .Values.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- with .Values.topologySpreadConstraints }}
    {{- toYaml . | nindent 4 }}
    {{- else }}
    {{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ $key }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "fermata.selector" $ | nindent 10 }}
    {{- end }}
    {{- end }}
  containers:
    - name: fermata
      image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: {drop: [ALL]}
      ports:
        - {name: grpc, containerPort: 7400}
        - {name: http, containerPort: 7401}
      env:
        - {name: FERMATA_LISTEN, value: ":7400"}
        - {name: FERMATA_HTTP_LISTEN, value: ":7401"}
        - {name: FERMATA_CLOUD, value: {{ .Values.cloud.kind }}}
        {{- if eq .Values.cloud.kind "openstack" }}
        - {name: FERMATA_OS_CLOUD, value: {{ .Values.cloud.openstack.cloud | quote }}}
        - {name: FERMATA_OS_CLOUDS_FILE, value: /etc/fermata/cloud/clouds.yaml}
        {{- end }}
        {{- if eq .Values.database.kind "postgresql" }}
        - name: FERMATA_DATABASE_URL
          valueFrom:
            secretKeyRef:
              name: {{ include "fermata.databaseSecret" . }}
              key: {{ if .Values.database.postgresql.bundled.enabled }}url{{ else }}{{ .Values.database.postgresql.urlKey }}{{ end }}
        {{- else }}
        - {name: FERMATA_DATABASE_URL, value: "sqlite:///var/lib/fermata/fermata.db?mode=rwc"}
        {{- end }}
        {{- if $tls }}
        - {name: FERMATA_SERVER_CERT, value: /etc/fermata/tls/tls.crt}
        - {name: FERMATA_SERVER_KEY, value: /etc/fermata/tls/tls.key}
        {{- end }}
        {{- if .Values.tls.clientCaSecret }}
        - {name: FERMATA_CLIENT_CA, value: /etc/fermata/clients/ca.crt}
        {{- end }}
        {{- if .Values.identity.principalsSecret }}
        - {name: FERMATA_PRINCIPALS, value: /etc/fermata/principals/principals.toml}
        {{- end }}
        {{- if .Values.identity.oidcSecret }}
        - {name: FERMATA_OIDC, value: /etc/fermata/oidc/issuers.toml}
        {{- end }}
        {{- with .Values.identity.keystone }}
        {{- if .enabled }}
        - {name: FERMATA_KEYSTONE, value: "true"}
        - {name: FERMATA_OPERATOR_ROLES, value: {{ join "," .operatorRoles | quote }}}
        - {name: FERMATA_OWNER_ROLES, value: {{ join "," .ownerRoles | quote }}}
        {{- with .monitorRoles }}
        - {name: FERMATA_MONITOR_ROLES, value: {{ join "," . | quote }}}
        {{- end }}
        {{- with .auditorRoles }}
        - {name: FERMATA_AUDITOR_ROLES, value: {{ join "," . | quote }}}
        {{- end }}
        {{- end }}
        {{- end }}
        {{- if .Values.insecure }}
        - {name: FERMATA_INSECURE, value: "true"}
        {{- end }}
        {{- range $name, $value := .Values.options }}
        - name: FERMATA_{{ $name | replace "-" "_" | upper }}
          {{- /* Numbers of values come as floating ones, and a million as 1e+06. */}}
          value: {{ if kindIs "float64" $value }}{{ $value | int64 | quote }}{{ else }}{{ $value | toString | quote }}{{ end }}
        {{- end }}
        {{- with .Values.env }}{{ toYaml . | nindent 8 }}{{ end }}
      # The process lives; the database or the cloud may be away without it being restarted.
      livenessProbe:
        httpGet: {path: /healthz, port: http, scheme: {{ if $tls }}HTTPS{{ else }}HTTP{{ end }}}
        periodSeconds: 10
        failureThreshold: 6
      readinessProbe:
        {{- if $tls }}
        # The kubelet's gRPC probe speaks no TLS.
        httpGet: {path: /readyz, port: http, scheme: HTTPS}
        {{- else }}
        grpc: {port: 7400}
        {{- end }}
        periodSeconds: 2
        failureThreshold: 2
      lifecycle:
        # Until load balancers have heard that the pod goes; then the server tells its streams to reconnect.
        preStop: {sleep: {seconds: 5}}
      resources: {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - {name: state, mountPath: /var/lib/fermata}
        {{- if eq .Values.cloud.kind "openstack" }}
        - {name: cloud, mountPath: /etc/fermata/cloud, readOnly: true}
        {{- end }}
        {{- if $tls }}
        - {name: tls, mountPath: /etc/fermata/tls, readOnly: true}
        {{- end }}
        {{- if .Values.tls.clientCaSecret }}
        - {name: clients, mountPath: /etc/fermata/clients, readOnly: true}
        {{- end }}
        {{- if .Values.identity.principalsSecret }}
        - {name: principals, mountPath: /etc/fermata/principals, readOnly: true}
        {{- end }}
        {{- if .Values.identity.oidcSecret }}
        - {name: oidc, mountPath: /etc/fermata/oidc, readOnly: true}
        {{- end }}
  volumes:
    {{- if ne .Values.database.kind "sqlite" }}
    - {name: state, emptyDir: {sizeLimit: 16Mi}}
    {{- end }}
    {{- if eq .Values.cloud.kind "openstack" }}
    - name: cloud
      secret:
        secretName: {{ .Values.cloud.openstack.cloudsSecret }}
        items: [{key: {{ .Values.cloud.openstack.cloudsKey }}, path: clouds.yaml}]
    {{- end }}
    {{- if $tls }}
    - {name: tls, secret: {secretName: {{ $tls }}}}
    {{- end }}
    {{- with .Values.tls.clientCaSecret }}
    - {name: clients, secret: {secretName: {{ . }}}}
    {{- end }}
    {{- with .Values.identity.principalsSecret }}
    - {name: principals, secret: {secretName: {{ . }}}}
    {{- end }}
    {{- with .Values.identity.oidcSecret }}
    - {name: oidc, secret: {secretName: {{ . }}}}
    {{- end }}
{{- end }}

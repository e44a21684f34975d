# class: configuration-error
# tool: promtool
# ecosystem: cloud
# step: Check alert rules
# needs: apt:prometheus
# proof: could not parse expression
cat >alerts.yml <<'END'
groups:
  - name: berths
    rules:
      - alert: BerthApiSlow
        expr: histogram_quantile(0.99, sum by (le) (rate(http_request_seconds_bucket[5m])) > 2
        for: 10m
        labels: {severity: page}
END
#%% step
promtool check rules alerts.yml

# class: configuration-error
# tool: amtool
# ecosystem: cloud
# step: Check alert routing
# needs: apt:prometheus-alertmanager
# proof: undefined receiver "night-shift" used in route
cat >alertmanager.yml <<'END'
route:
  receiver: day-shift
  routes:
    - matchers: [severity="page"]
      receiver: night-shift
receivers:
  - name: day-shift
END
#%% step
amtool check-config alertmanager.yml

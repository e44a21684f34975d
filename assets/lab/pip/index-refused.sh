# class: network-error
# tool: pip
# ecosystem: python
# step: Install internal client
# needs: pip:pip==25.3
# proof: Connection refused
#%% step
pip install --retries 2 --index-url http://127.0.0.1:18081/simple/ ledger-client==4.2.0

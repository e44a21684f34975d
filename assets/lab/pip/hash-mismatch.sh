# class: dependency-error
# tool: pip
# ecosystem: python
# step: Install pinned requirements
# needs: pip:pip==25.3
# proof: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
cat >requirements.lock <<'END'
idna==3.10 \
    --hash=sha256:5f1e0c3b7a9d24c8e6bb0f7d1a43925e8c6f70b1d2e3a4958677c8d9e0f1a2b3
certifi==2024.8.30 \
    --hash=sha256:922820b53db7a7257ffbda3f597266d435245903d80737e34f8a45ff3e3230d8
END
#%% step
pip install --require-hashes -r requirements.lock

# class: dependency-error
# tool: npm
# ecosystem: node
# step: Install dependencies
# needs: npm:npm@10.9.2
# proof: npm error ERESOLVE unable to resolve dependency tree
# proof: npm error Could not resolve dependency:
cat >package.json <<'END'
{
  "name": "booking-widget",
  "version": "5.2.0",
  "private": true,
  "dependencies": {"react": "17.0.2", "react-dom": "17.0.2"},
  "devDependencies": {"@testing-library/react": "16.1.0", "@testing-library/dom": "10.4.0"}
}
END
#%% step
npm install

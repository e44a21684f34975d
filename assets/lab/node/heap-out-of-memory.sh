# class: resource-exhaustion
# tool: node
# ecosystem: node
# step: Build search index
# needs: npm:npm@10.9.2
# proof: JavaScript heap out of memory
cat >index-docs.mjs <<'END'
const words = [];
for (let page = 1; ; page++) {
  words.push(Array.from({ length: 20000 }, (_, at) => ({ page, at, text: `word-${page}-${at}` })));
  if (page % 5 === 0) console.log(`indexed ${page} pages`);
}
END
#%% step
node --max-old-space-size=96 index-docs.mjs

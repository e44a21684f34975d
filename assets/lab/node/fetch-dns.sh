# class: network-error
# tool: node
# ecosystem: node
# step: Download translations
# needs: npm:npm@10.9.2
# proof: getaddrinfo
# proof: TypeError: fetch failed
cat >translations.mjs <<'END'
const languages = ['da', 'de', 'nl'];
for (const language of languages) {
  const answer = await fetch(`https://translations.harbor.invalid/v2/${language}.json`);
  console.log(language, Object.keys(await answer.json()).length);
}
END
#%% step
node translations.mjs

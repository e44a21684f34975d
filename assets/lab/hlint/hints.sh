# class: build-failure
# tool: hlint
# ecosystem: haskell
# step: HLint
# needs: apt:hlint
# proof: Suggestion: Use map once
printf 'module Speed (speeds) where\n\nspeeds :: [Double] -> [Double]\nspeeds xs = map (* 3.6) (map abs xs)\n' >Speed.hs
#%% step
hlint Speed.hs

# class: build-failure
# tool: ghc
# ecosystem: haskell
# step: Build
# needs: apt:ghc
# proof: No instance for (Show Station)
cat >Main.hs <<'END'
module Main (main) where

data Station = Station { name :: String, platforms :: Int }

busiest :: [Station] -> Station
busiest = foldr1 (\a b -> if platforms a >= platforms b then a else b)

main :: IO ()
main = print (busiest [Station "Basel" 16, Station "Olten" 12])
END
#%% step
ghc -O1 -Wall -o stations Main.hs

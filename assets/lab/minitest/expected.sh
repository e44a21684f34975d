# class: test-failure
# tool: minitest
# ecosystem: ruby
# step: Test
# needs: apt:ruby-minitest apt:rake
# proof: Expected: 3
mkdir test
printf 'require "rake/testtask"\n\nRake::TestTask.new do |t|\n  t.pattern = "test/*_test.rb"\nend\n' >Rakefile
printf 'require "minitest/autorun"\n\nclass StopsTest < Minitest::Test\n  def stops(line)\n    line.split(",").uniq\n  end\n\n  def test_names\n    assert_equal %%w[A B], stops("A,B")\n  end\n\n  def test_a_loop_counts_twice\n    assert_equal 3, stops("A,B,A").size\n  end\nend\n' >test/stops_test.rb
#%% step
rake test TESTOPTS="--seed=1"

# class: deployment-failure
# tool: alembic
# ecosystem: data
# step: Migrate database
# needs: pip:alembic==1.17.1
# proof: Multiple head revisions are present for given argument 'head'
alembic init -t generic migrations
sed -i "s#^sqlalchemy.url.*#sqlalchemy.url = sqlite:///berths.db#" alembic.ini
revision() {
    cat >"migrations/versions/$1_$3.py" <<END
"""$3"""
from alembic import op
import sqlalchemy as sa

revision = "$1"
down_revision = $2
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("$3", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("$3")
END
}
revision 1d4f6a None berths
revision 2b8c90 '"1d4f6a"' bookings
revision 3e7a15 '"1d4f6a"' tariffs
#%% step
alembic upgrade head

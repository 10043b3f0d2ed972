<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform" xmlns:x="urn:exhibits">
  <xsl:template match="/x:Rows">
    <xsl:element name="Exhibit" namespace="urn:exhibits">
      <xsl:for-each select="x:Row">
        <xsl:element name="{@name}" namespace="urn:exhibits"><xsl:value-of select="."/></xsl:element>
      </xsl:for-each>
    </xsl:element>
  </xsl:template>
</xsl:stylesheet>
